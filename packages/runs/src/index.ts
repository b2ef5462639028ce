// Machines and checkpoints as bytes; runs wherever JavaScript does.
export * from "./machine-file.js";
export * from "./safetensors.js";
