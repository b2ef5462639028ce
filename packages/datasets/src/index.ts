// Images as bytes and states, wherever JavaScript runs.
export * from "./corruption.js";
export * from "./encoding.js";
export { encodeIdx, type IdxArray, parseIdx } from "./idx.js";
export { type ImageSet, pickImages } from "./image-set.js";
export { encodeNpy, imagesFromNpy, type NpyArray, parseNpy } from "./npy.js";
export { encodeNpz, parseNpz } from "./npz.js";
export { type GreyImage, parsePng } from "./png.js";
export * from "./selection.js";
