// Which data states make which batch: an endless row of seeded permutations, one per epoch, cut into
// batches. It is a function of the update number alone, so training can go on from any update.
import { streams } from "./noise.js";
import { permutation } from "./order.js";

/**
 * The batches of a training.
 *
 * @param count number of data states P
 * @param size states per batch, at most `count`
 * @returns the data indices of update u = 1, 2, …, shape [size]
 * @throws invalid-value
 */
export function batchOrder(
  seed: number,
  count: number,
  size: number,
): (update: number) => Uint32Array {
  let cached: { epoch: number; order: Uint32Array } = { epoch: -1, order: new Uint32Array(0) };
  return (update) => {
    const first = (update - 1) * size;
    return Uint32Array.from({ length: size }, (_, offset) => {
      const epoch = Math.floor((first + offset) / count);
      if (cached.epoch !== epoch) {
        const source = { seed, stream: streams.dataOrder, step: epoch };
        cached = { epoch, order: permutation(source, count) };
      }
      return cached.order[(first + offset) % count]!;
    });
  };
}
