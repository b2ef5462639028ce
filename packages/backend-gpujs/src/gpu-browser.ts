// gpu.js for browsers. The build puts gpu.js itself in the place of this import.
import gpujs from "gpu.js";
import type { GpuClass } from "./library.js";

export const { GPU } = gpujs as unknown as { GPU: GpuClass };
