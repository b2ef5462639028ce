// Figures as SVG text and PNG bytes, wherever JavaScript runs.
export { animation } from "./animation.js";
export { curves, type Plot, type Series } from "./curves.js";
export { darkFigure } from "./dark-figure.js";
export { type FilmRow, type FilmStrip, filmStrip } from "./film-strip.js";
export { type HeatMap, heatMap } from "./heat-map.js";
export { histogram } from "./histogram.js";
export { gridPixels, type ImageGrid, imageGrid, type Picture } from "./image-grid.js";
export { type IntervalPanel, intervals } from "./intervals.js";
export { csvCell, csvText, figureNumbers, type NumbersRow } from "./numbers.js";
export { page } from "./page.js";
export { type Panel, panels } from "./panels.js";
export { type Plane, type Points, scatter, type Trajectory } from "./scatter.js";
