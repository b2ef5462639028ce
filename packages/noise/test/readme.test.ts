import { fileURLToPath } from "node:url";
import { testReadme } from "@neural-langevin/tooling/readme";

testReadme(fileURLToPath(new URL("..", import.meta.url)));
