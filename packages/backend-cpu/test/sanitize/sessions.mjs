// Runs sessions of ragged sizes on a kernel that was built with sanitizers, in this process alone. Red zones
// stand between all arrays, so that a read or write beyond one of them ends the process with a report.
//
//   node sessions.mjs LIBRARY ROWS LANES PRECISION [--trespass]     --trespass forbids a place that is used
import { createRequire } from "node:module";
import koffi from "koffi";
import { KernelSession } from "../../dist/kernel-session.js";
import { layOut } from "../../dist/layout.js";
import { ALIGNMENT } from "../../dist/memory.js";
import { addressOf, loadNative } from "../../dist/native-calls.js";
import { alone } from "../../dist/team.js";

const [file, rows, lanes, precision, trespass] = process.argv.slice(2);
const RED = 256;
const LARGEST = 130;
const shape = { blockRows: Number(rows), lanes: Number(lanes), precision };
const koffiFile = createRequire(import.meta.url).resolve("koffi");
const kernel = loadNative({ file, koffi: koffiFile });
// AMX needs a permission, which asking for it gives.
koffi.load(file).func("supported", "int", [])();
const sanitizer = koffi.load(process.env.NLM_SANITIZER);
const [poison, unpoison] = ["poison", "unpoison"].map((verb) =>
  sanitizer.func(`__asan_${verb}_memory_region`, "void", ["uintptr_t", "size_t"]),
);

/** The layout with a red zone before every array and after the last one. */
function apart(layout) {
  const starts = [...new Set(Object.values(layout.address))].sort((a, b) => a - b);
  const move = (at) => at + RED * (starts.indexOf(at) + 1);
  const moved = Object.entries(layout.address).map(([name, at]) => [name, move(at)]);
  return {
    ...layout,
    address: Object.fromEntries(moved),
    bytes: Math.ceil((layout.bytes + RED * (starts.length + 1)) / 64) * 64,
    zones: [...starts.map((at) => move(at) - RED), layout.bytes + RED * starts.length],
  };
}

/** Everything that a session does, on these sizes. */
function exercise(units, chains, batch, activation) {
  const spec = { units, chains, batch, firstChain: 3, activation, seed: 1 };
  const layout = apart(layOut(spec, shape, 1, ALIGNMENT));
  const buffer = new SharedArrayBuffer(layout.bytes);
  const base = addressOf(buffer, koffiFile);
  for (const zone of layout.zones) poison(base + zone, RED);
  if (trespass) poison(base + layout.address.x, 64);
  const memory = { buffer, offset: 0, base, addressBytes: 8, meeting: 0 };
  const session = new KernelSession(kernel, memory, layout, spec, alone);
  const values = (length) => Float32Array.from({ length }, (_, at) => Math.sin(at));
  const square = units * units;
  session.write("couplings", values(square), 0);
  session.write("bias", values(units), 0);
  session.write("moments", new Float32Array(2 * (square + units)), 0);
  session.write("statistics", new Float32Array(square + units), 0);
  session.write("chains", values(chains * units), 0);
  session.write("batch", values(batch * units), batch);
  session.drawChains({ stream: 1, step: 0 });
  const run = { firstStep: 0, steps: 2, dt: 0.01, integrator: "euler-maruyama", temperature: 1 };
  const pinned = Uint8Array.from({ length: units }, (_, at) => at % 2);
  const temperature = Float64Array.from({ length: chains }, (_, at) => at % 3);
  session.advance(run);
  session.advance({ ...run, integrator: "leimkuhler-matthews", temperature, pinned });
  session.advance({ ...run, temperature: 0, feedbackFrom: 1 });
  const step = { learningRate: 1e-3, decay: 1e-3, temperature: 1, update: 1 };
  for (const kind of ["adam", "sgd"]) {
    session.accumulate("batch", 1);
    session.accumulate("chains", -1);
    session.update({ ...step, optimizer: { kind } });
  }
  for (const source of ["chains", "batch"]) {
    for (const what of ["energy", "virial"]) session.measure(what, source);
  }
  for (const slot of ["couplings", "bias", "moments", "statistics", "chains", "batch"]) {
    session.read(slot);
  }
  // The memory goes back to the engine, which must find it open.
  unpoison(base, layout.bytes);
}

// Every number of units and of chains from 1 to 130: in pairs that have nothing in common, and large with small.
let sessions = 0;
for (let units = 1; units <= LARGEST; units++) {
  const batch = ((units * 53) % LARGEST) + 1;
  for (const chains of [((units * 37) % LARGEST) + 1, LARGEST + 1 - units]) {
    exercise(units, chains, batch, units % 2 ? "tanh" : "identity");
    sessions++;
  }
}
process.stdout.write(`${sessions} sessions\n`);
