// Readers of files and folders, in Node.
export { sha256 } from "./disk.js";
export { type Part, readIdx, readIdxFolder } from "./idx-files.js";
export { type LoadOptions, loadData, loadImages } from "./load.js";
export { readMnist } from "./mnist.js";
