// Experiments in folders, in Node.
export { createExperimentFolder, openExperimentFolder } from "./experiment-folder.js";
