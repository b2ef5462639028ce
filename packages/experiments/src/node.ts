// Experiments in folders, and restored images in files, in Node.
export { createExperimentFolder, openExperimentFolder } from "./experiment-folder.js";
export {
  type DamagedImages,
  type FileDamage,
  type RestorationFiles,
  readDamagedImages,
  restorationFiles,
  writeRestored,
} from "./restoration/files.js";
