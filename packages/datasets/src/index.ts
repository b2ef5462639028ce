// Data as bytes and states, wherever JavaScript runs.
export { addNoise, type Corrupted, eraseRectangle, replaceUnits } from "./corruption.js";
export {
  type DataSet,
  type ImageSet,
  isImageSet,
  pickImages,
  pictureSize,
  requireContrast,
  requireLabels,
  shapeOf,
  sizeOf,
  takeImages,
  type VectorSet,
  valuesOf,
} from "./data-set.js";
export {
  decodeRates,
  decodeStates,
  type Encoding,
  type EncodingKind,
  type EncodingName,
  type EncodingRecord,
  encodeAll,
  encodeImages,
  encodeSamples,
  encodingNames,
  encodingOf,
  encodings,
  findEncoding,
  fitEncoding,
  LARGEST_RATE,
  numbersOf,
  ratesOfStates,
  recordOf,
} from "./encoding.js";
export { describeFormat, type FileFormat, recognizeFormat, wrongFormat } from "./format.js";
export { greyLevels, type Numbers, type Pixels } from "./grey.js";
export { encodeIdx, type IdxArray, parseIdx } from "./idx.js";
export { type ImageFile, type ImageShape, parseImageFile } from "./image-file.js";
export { isMnist } from "./is-mnist.js";
export { parseJpeg } from "./jpeg.js";
export { type Clusters, findLabelKinds, kMeans } from "./label-kinds.js";
export {
  appendLabels,
  askForLabel,
  kindsOfLabel,
  LABEL_CURRENT,
  type LabelKinds,
  type LabelUnits,
  labelMask,
  labelRates,
  labelUnits,
  nameOfLabel,
  namesOfLabels,
  pixelMask,
  pixelStates,
  readLabels,
  setLabel,
  unitsWithLabels,
} from "./label-units.js";
export { maskNames, namedMask, requireMask, whiteMask } from "./mask.js";
export { fillMissing, hasMissing, wholeSamples } from "./missing.js";
export { encodeNpy, type NpyArray, parseNpy } from "./npy.js";
export { encodeNpz, type NpzArchive, openNpz } from "./npz.js";
export { type GreyImage, parsePng } from "./png.js";
export {
  encodeSafetensors,
  type OpenTensorFile,
  openSafetensors,
  type Tensor,
  type TensorFile,
} from "./safetensors.js";
export {
  type DataWarnings,
  imagesFromNpy,
  inspectSamples,
  type MissingNumbers,
  type NumberKind,
  samplesOf,
} from "./samples.js";
export {
  imageOrder,
  type SelectedPlaces,
  type Selection,
  selectImages,
  selectPlaces,
} from "./selection.js";
export { parseTable, type TableOptions } from "./table.js";
export { startWork, type Work } from "./work.js";
export { openZip, type ReadEntry } from "./zip.js";
