// The command line as a function, for programs that want to run it.
export { run, type Surroundings } from "./program.js";
