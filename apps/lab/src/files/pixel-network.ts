// The network of a machine's file, where every unit is a pixel: the lab shows units as an image, by the published
// encoding.
import { LangevinError } from "@neural-langevin/core";
import { decodeNetwork, type StoredNetwork } from "@neural-langevin/runs";

/**
 * Reads a machine's file.
 *
 * @throws bad-file; unsupported, for a machine with label units or another encoding
 */
export function pixelNetwork(bytes: Uint8Array, name: string): StoredNetwork {
  const network = decodeNetwork(bytes, name);
  if (network.encoding && network.encoding.name !== "atanh") {
    throw new LangevinError(
      "unsupported",
      `${name} learned numbers by the encoding ${network.encoding.name}, and the lab shows pixels of the encoding atanh.`,
      "Sample it with nlm sample.",
    );
  }
  if (!network.labelUnits) return network;
  throw new LangevinError(
    "unsupported",
    `${name} has units for the labels ${network.labelUnits.labels.join(", ")} beyond its pixels, and the lab shows ` +
      "machines of pixels alone.",
    "Draw with nlm sample --label, or open a machine that was trained without label units.",
  );
}
