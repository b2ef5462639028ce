// A machine as a small file: couplings in six bits with one scale per row, in safetensors, compressed by gzip.
//
//   J_ij = scale_i · (byte_ij − 128), scale_i = max_j |J_ij| / 31
//
// Couplings that fill a byte do not compress below their size; in six bits, the rare large ones cost more than the many
// small ones. Everything else of the machine keeps its bits.
import {
  decodeNetwork,
  encodeNetwork,
  encodeSafetensors,
  openSafetensors,
} from "@neural-langevin/runs";

/** Largest magnitude of a coupling, in steps of its row. */
const LEVELS = 31;

/**
 * The safetensors of a packed machine, before compression.
 *
 * @param {import("@neural-langevin/runs").StoredNetwork} machine
 * @param {Readonly<Record<string, string>>} metadata
 */
export function packMachine(machine, metadata) {
  const { units, couplings } = machine;
  const bytes = new Uint8Array(units * units);
  const scales = new Float32Array(units);
  for (let i = 0; i < units; i++) {
    const row = couplings.subarray(i * units, (i + 1) * units);
    const scale = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / LEVELS;
    scales[i] = scale;
    row.forEach((value, j) => {
      bytes[i * units + j] = 128 + (scale > 0 ? Math.round(value / scale) : 0);
    });
  }
  // The machine's own file says everything but its couplings.
  const whole = openSafetensors(encodeNetwork(machine, metadata), "the machine");
  const others = [...whole.entries.keys()].filter((name) => name !== "couplings");
  const tensors = others.map((name) => {
    const { shape } = /** @type {{ shape: readonly number[] }} */ (whole.entries.get(name));
    return [name, { shape, values: whole.read(name).values }];
  });
  return encodeSafetensors({
    tensors: {
      couplings: { shape: [units, units], values: bytes },
      scales: { shape: [units], values: scales },
      ...Object.fromEntries(tensors),
    },
    metadata: whole.metadata,
  });
}

/**
 * @param {Uint8Array} file what `packMachine` made
 * @param {string} name the file's name, for errors
 */
export function unpackMachine(file, name) {
  const packed = openSafetensors(file, name);
  const bytes = /** @type {Uint8Array} */ (packed.read("couplings").values);
  const scales = /** @type {Float32Array} */ (packed.read("scales").values);
  const units = scales.length;
  const couplings = new Float32Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) {
    const scale = /** @type {number} */ (scales[Math.floor(at / units)]);
    couplings[at] = scale * /** @type {number} */ (bytes[at] - 128);
  }
  const others = [...packed.entries].filter(
    ([tensor]) => !["couplings", "scales"].includes(tensor),
  );
  const tensors = others.map(([tensor, { shape }]) => [
    tensor,
    { shape, values: packed.read(tensor).values },
  ]);
  const whole = encodeSafetensors({
    tensors: {
      couplings: { shape: [units, units], values: couplings },
      ...Object.fromEntries(tensors),
    },
    metadata: packed.metadata,
  });
  return { machine: decodeNetwork(whole, name), metadata: packed.metadata };
}
