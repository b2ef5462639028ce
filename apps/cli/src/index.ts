// The command line as a function, for programs that want to run it.
export { run } from "./program.js";
export type { Streams } from "./terminal/terminal.js";
