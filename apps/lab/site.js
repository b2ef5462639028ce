// Where the built site lies, for whoever serves it.
import { fileURLToPath } from "node:url";

export const siteFolder = fileURLToPath(new URL("dist/", import.meta.url));
