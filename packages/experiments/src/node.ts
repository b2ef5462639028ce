// Experiments in folders, the images that they name, and restored images in files, in Node.
export { readComparedRuns, writeComparison } from "./comparison/files.js";
export { createExperimentFolder, openExperimentFolder } from "./experiment-folder.js";
export { namedImages, withFashion } from "./named-images.js";
export {
  type DamagedImages,
  type FileDamage,
  type RestorationFiles,
  readDamagedImages,
  restorationFiles,
  writeRestored,
} from "./restoration/files.js";
