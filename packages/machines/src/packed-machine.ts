// A trained machine as a small file: couplings in seven bits or fewer with one scale per row, in safetensors, compressed
// by gzip.
//
//   J_ij = scale_i · code_ij, scale_i = max_j |J_ij| / levels, code_ij = −levels … levels
//
// Rounding moves a coupling by at most scale_i/2, about 1.6 % of their spread in the machines here with 63 levels;
// everything else of a machine keeps its bits. Couplings that fill eight bits would not compress below 700 kB.
import {
  decodeNetwork,
  encodeNetwork,
  encodeSafetensors,
  openSafetensors,
  type StoredNetwork,
  type Tensor,
} from "@neural-langevin/runs";

/**
 * The bytes of a packed machine.
 *
 * @param levels largest magnitude of a coupling, in steps of its row: 63 fill seven bits, 31 six
 */
export async function packMachine(machine: StoredNetwork, levels = 63): Promise<Uint8Array> {
  const { units, couplings } = machine;
  const codes = new Int8Array(units * units);
  const scales = new Float32Array(units);
  for (let i = 0; i < units; i++) {
    const row = couplings.subarray(i * units, (i + 1) * units);
    const scale = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / levels;
    scales[i] = scale;
    codes.set(
      row.map((value) => (scale > 0 ? Math.round(value / scale) : 0)),
      i * units,
    );
  }
  // The machine's own file says everything but its couplings.
  const { tensors: own, metadata } = opened(encodeNetwork(machine), "the machine");
  const { couplings: _, ...others } = own;
  const tensors = {
    codes: { shape: [units, units], values: codes },
    scales: { shape: [units], values: scales },
    ...others,
  };
  return through(encodeSafetensors({ tensors, metadata }), new CompressionStream("gzip"));
}

/**
 * Reads a packed machine.
 *
 * @param name the file's name, for errors
 * @throws bad-file
 */
export async function unpackMachine(bytes: Uint8Array, name: string): Promise<StoredNetwork> {
  const packed = opened(await through(bytes, new DecompressionStream("gzip")), name);
  const { codes, scales, ...others } = packed.tensors;
  const units = scales!.values.length;
  const couplings = Float32Array.from(
    codes!.values,
    (code, at) => scales!.values[Math.floor(at / units)]! * code,
  );
  const tensors = { couplings: { shape: [units, units], values: couplings }, ...others };
  const { metadata } = packed;
  return decodeNetwork(encodeSafetensors({ tensors, metadata }), name);
}

/** All tensors of a safetensors file, and its metadata. */
function opened(file: Uint8Array, name: string) {
  const { entries, read, metadata } = openSafetensors(file, name);
  const tensors: Record<string, Tensor> = Object.fromEntries(
    [...entries.keys()].map((tensor) => [tensor, read(tensor)]),
  );
  return { tensors, metadata };
}

async function through(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const piped = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(piped).arrayBuffer());
}
