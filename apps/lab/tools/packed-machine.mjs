// A machine as a small file: couplings as bytes, with one scale per row, in safetensors.
//
//   J_ij = scale_i · (byte_ij − 128), scale_i = max_j |J_ij| / 127
import { encodeSafetensors, openSafetensors } from "@neural-langevin/runs";

/**
 * @param {{ units: number, couplings: Float32Array, bias: Float32Array }} machine
 * @param {Readonly<Record<string, string>>} metadata
 */
export function packMachine({ units, couplings, bias }, metadata) {
  const bytes = new Uint8Array(units * units);
  const scales = new Float32Array(units);
  for (let i = 0; i < units; i++) {
    const row = couplings.subarray(i * units, (i + 1) * units);
    const scale = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
    scales[i] = scale;
    row.forEach((value, j) => {
      bytes[i * units + j] = 128 + (scale > 0 ? Math.round(value / scale) : 0);
    });
  }
  return encodeSafetensors({
    tensors: {
      couplings: { shape: [units, units], values: bytes },
      scales: { shape: [units], values: scales },
      bias: { shape: [units], values: bias },
    },
    metadata,
  });
}

/**
 * @param {Uint8Array} file
 * @param {string} name the file's name, for errors
 */
export function unpackMachine(file, name) {
  const { read, metadata } = openSafetensors(file, name);
  const bytes = /** @type {Uint8Array} */ (read("couplings").values);
  const scales = /** @type {Float32Array} */ (read("scales").values);
  const bias = /** @type {Float32Array} */ (read("bias").values);
  const units = bias.length;
  const couplings = Float32Array.from(
    bytes,
    (byte, at) => /** @type {number} */ (scales[Math.floor(at / units)]) * (byte - 128),
  );
  return { machine: { units, couplings, bias }, metadata };
}
