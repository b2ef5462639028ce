// How a training is cut into shards, and in which order their sums are added. Both depend on the number of shards
// alone, so that any number of ranks computes the same bits. The tree halves a range of shards until one is left; a
// rank has neighbouring shards, so it can add whole branches by itself.

/** Where part number `part` of `count` things begins when they are cut into `parts`. */
export const cut = (count: number, parts: number, part: number): number =>
  Math.floor((count * part) / parts);

/** Neighbouring shards: from `first` to before `end`. */
export interface Range {
  readonly first: number;
  readonly end: number;
}

const halves = ({ first, end }: Range): readonly [Range, Range] => {
  const middle = Math.floor((first + end) / 2);
  return [
    { first, end: middle },
    { first: middle, end },
  ];
};

/** The largest branches below `branch` that lie within a range, from left to right. */
function branchesWithin(branch: Range, range: Range): Range[] {
  if (branch.end <= range.first || branch.first >= range.end) return [];
  if (branch.first >= range.first && branch.end <= range.end) return [branch];
  return halves(branch).flatMap((half) => branchesWithin(half, range));
}

/** The shards of a rank. */
export const shardsOfRank = (shards: number, size: number, rank: number): Range => ({
  first: cut(shards, size, rank),
  end: cut(shards, size, rank + 1),
});

/** The branches of the whole tree that a rank adds by itself. */
export const branchesOfRank = (shards: number, size: number, rank: number): Range[] =>
  branchesWithin({ first: 0, end: shards }, shardsOfRank(shards, size, rank));

/**
 * The sum over the shards of a branch, added in the order of the tree. Arrays are added in place.
 *
 * @param known the sum of a branch where it is known; it must be for every single shard
 */
export function sumOfBranch(
  branch: Range,
  known: (branch: Range) => Float32Array | undefined,
): Float32Array {
  const sum = known(branch);
  if (sum) return sum;
  const [left, right] = halves(branch).map((half) => sumOfBranch(half, known));
  add(left!, right!);
  return left!;
}

/** left ← left + right, four at a time: everybody waits for it at every update. */
function add(left: Float32Array, right: Float32Array): void {
  const whole = left.length - (left.length % 4);
  for (let at = 0; at < whole; at += 4) {
    left[at]! += right[at]!;
    left[at + 1]! += right[at + 1]!;
    left[at + 2]! += right[at + 2]!;
    left[at + 3]! += right[at + 3]!;
  }
  for (let at = whole; at < left.length; at++) left[at]! += right[at]!;
}

/** The sum over all shards from the sums of the branches of all ranks, one rank after the other. Changes them. */
export function sumOfRanks(
  shards: number,
  size: number,
  branchSums: readonly Float32Array[],
): Float32Array {
  const name = ({ first, end }: Range) => `${first}-${end}`;
  const ranks = Array.from({ length: size }, (_, rank) => branchesOfRank(shards, size, rank));
  const known = new Map(ranks.flat().map((branch, at) => [name(branch), branchSums[at]!]));
  return sumOfBranch({ first: 0, end: shards }, (branch) => known.get(name(branch)));
}
