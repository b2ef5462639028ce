// gpu.js for Node. The build puts gpu.js itself in the place of this import, because its package asks for one of 84 MB
// that it never loads here.
import gpujs from "gpu.js";
import type { GpuClass } from "./library.js";

export const { GPU } = gpujs as unknown as { GPU: GpuClass };
