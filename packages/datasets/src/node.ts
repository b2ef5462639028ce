// Readers of files and folders, in Node.
export { fillFrom, sha256 } from "./disk.js";
export { type Part, readIdx, readIdxFolder } from "./idx-files.js";
export { type LoadOptions, loadImages, loadSamples } from "./load.js";
export { readMnist } from "./mnist.js";
export { type Doing, ifMissing, systemFailure } from "./system-failure.js";
