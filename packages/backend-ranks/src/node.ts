// The entry for Node: how a process finds out which rank it is, and reaches the others.

export { type RankPlace, rankOfEnvironment } from "./node/environment.js";
export { joinRanks, type RanksOptions } from "./node/join.js";
