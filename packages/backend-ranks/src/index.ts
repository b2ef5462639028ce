// The public interface of the backend of several ranks. What starts and connects processes is in the entry `./node`.
export { createRanksBackend, type RanksBackendOptions } from "./backend.js";
export { inShards } from "./job.js";
export { type Link, longestPiece } from "./link.js";
export { Ranks } from "./ranks.js";
export { serveRank } from "./serve.js";
