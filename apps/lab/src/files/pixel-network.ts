// The network of a machine's file, where every unit is a pixel: the lab shows units as an image.
import { LangevinError } from "@neural-langevin/core";
import { decodeNetwork, type StoredNetwork } from "@neural-langevin/runs";

/**
 * Reads a machine's file.
 *
 * @throws bad-file; unsupported, for a machine with label units
 */
export function pixelNetwork(bytes: Uint8Array, name: string): StoredNetwork {
  const network = decodeNetwork(bytes, name);
  if (!network.labelUnits) return network;
  throw new LangevinError(
    "unsupported",
    `${name} has units for the labels ${network.labelUnits.labels.join(", ")} beyond its pixels, and the lab shows ` +
      "machines of pixels alone.",
    "Draw with nlm sample --label, or open a machine that was trained without label units.",
  );
}
