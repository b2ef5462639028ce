import { fileURLToPath } from "node:url";
import { testReadme } from "@neural-langevin/tooling/readme";
import { it } from "vitest";
import { whyUnavailable } from "./available.js";

const reason = await whyUnavailable();
if (reason) it.skip(`README's example (${reason})`, () => {});
else testReadme(fileURLToPath(new URL("..", import.meta.url)));
