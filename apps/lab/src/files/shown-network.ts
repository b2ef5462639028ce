// The network of a machine's file, if the lab can show what its units mean: pixels of the published encoding.
import { LangevinError } from "@neural-langevin/core";
import { decodeNetwork, type StoredNetwork } from "@neural-langevin/runs";

/**
 * Reads a machine's file.
 *
 * @throws bad-file; unsupported, for a machine of another encoding
 */
export function shownNetwork(bytes: Uint8Array, name: string): StoredNetwork {
  const network = decodeNetwork(bytes, name);
  if (!network.encoding || network.encoding.name === "atanh") return network;
  throw new LangevinError(
    "unsupported",
    `${name} learned numbers with the encoding ${network.encoding.name}, but the lab shows pixels of the encoding atanh.`,
    "Sample it with nlm sample.",
  );
}
