import { fileURLToPath } from "node:url";
import { testReadme } from "@neural-langevin/tooling/readme";

// The whole contract in plain JavaScript takes a minute on a busy computer.
testReadme(fileURLToPath(new URL("..", import.meta.url)), { timeout: 240_000 });
