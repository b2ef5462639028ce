// Readers of files and folders, in Node.
export * from "./files.js";
