// Figures as SVG text and PNG bytes, wherever JavaScript runs.
export { curves, type Plot, type Series } from "./curves.js";
export { histogram } from "./histogram.js";
export { type ImageGrid, imageGrid, type Picture } from "./image-grid.js";
export { type Panel, panels } from "./panels.js";
