// The examples of this package's README and of the repository's first page.
import { fileURLToPath } from "node:url";
import { testReadme } from "@neural-langevin/tooling/readme";

const folder = fileURLToPath(new URL("..", import.meta.url));
testReadme(folder);
testReadme(folder, { readme: fileURLToPath(new URL("../../../README.md", import.meta.url)) });
