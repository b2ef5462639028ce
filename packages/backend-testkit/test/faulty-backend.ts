// A backend that keeps the contract but for one planted fault: a second implementation in float64, written so
// that each fault is a small slip of the kind that people make.
import {
  type AdvanceRun,
  type Backend,
  type ChainDraw,
  CONTRACT_VERSION,
  chainMean,
  chainNoise,
  energy,
  firingRates,
  type Measure,
  type Network,
  type ResolvedSpec,
  type Session,
  type SessionSpec,
  type Slot,
  type Source,
  type StatisticsNorms,
  speed,
  streams,
  type UpdateStep,
  virial,
} from "@neural-langevin/core";
import {
  accumulateStatistics,
  adamConstants,
  closedError,
  requireAverage,
  requireDraw,
  requireFinite,
  requireInteger,
  requireMeasure,
  requireRun,
  requireSlotValues,
  requireSource,
  requireUpdate,
  requireWeight,
  resolveSpec,
  slope,
  slotLength,
  statisticsLength,
} from "@neural-langevin/core/backend";

/** Every fault, and the scenario that must catch it. */
export const faults = {
  "J and Jᵀ are swapped in the feedback": "step/drift",
  "J and Jᵀ are swapped in the current": "step/drift",
  "the feedback has the wrong sign": "step/drift",
  "the feedback lacks φ′": "step/drift",
  "φ′ is taken from tanh for the identity": "step/drift-identity",
  "the bias is forgotten": "step/drift",
  "√dt is forgotten": "step/euler-maruyama",
  "the 2 in √(2T dt) is forgotten": "physics/no-couplings",
  "noise is the same in all chains": "physics/no-couplings",
  "noise is the same in all steps": "step/euler-maruyama",
  "the midpoint noise is ξ_s alone": "step/leimkuhler-matthews",
  "the midpoint's second half is dropped at the end of a call":
    "compose/chunks-leimkuhler-matthews",
  "the midpoint noise is not halved": "step/leimkuhler-matthews",
  "the high word of the seed is ignored": "bits/high-words",
  "the high word of the step is ignored": "bits/high-words",
  "the stream is ignored": "bits/draw-chains",
  "firstChain is ignored": "compose/sessions",
  "the gate opens a step late": "step/feedback-gate",
  "the gate counts from the start of the call": "compose/chunks-euler-maruyama",
  "pinned units move": "step/pinned",
  "pinned units do not act on others": "step/pinned",
  "the first temperature serves all chains": "step/temperature-per-chain",
  "a write does not copy": "life/slots-come-back",
  "a read is stale": "life/order",
  "NaN is let in": "life/refusals",
  "any array is let in": "arguments/arrays",
  "a Float64Array is let in": "arguments/arrays",
  "an unknown measure is the virial": "arguments/names",
  "an unknown integrator is the midpoint": "arguments/names",
  "an unknown optimiser is Adam": "arguments/names",
  "missing options throw a TypeError": "arguments/missing",
  "a missing weight is 1": "arguments/missing",
  "undefined is refused": "arguments/undefined",
  "any mask is let in": "arguments/masks",
  "any temperatures are let in": "arguments/masks",
  "a refusal escapes as a rejection": "life/refusals",
  "a refusal escapes from a microtask": "arguments/arrays",
  "a closed session rejects where nobody looks": "life/close-while-working",
  "the version of the contract is left out": "life/contract-version",
  "a write takes the whole buffer": "life/views",
  "nextStep counts steps": "life/steps-counted",
  "hasChains is true from the start": "life/steps-counted",
  "disposing does nothing": "life/disposal",
  "disposing of a backend leaves its sessions open": "life/disposal",
  "chains count modulo 2¹⁶ in steps": "step/far-chains",
  "states are cut at ±6": "step/far-states",
  "updates after 1000 count as 1000": "learn/late-updates",
  "temperatures repeat after 64 chains": "step/temperature-of-many-chains",
  "the last unit feels no feedback beyond 100 units": "limits/large-networks",
  "sums over units end at 512": "limits/large-networks",
  "chains beyond 256 stand still": "limits/many-chains",
  "noise is cut at 4.5 σ": "bits/tails",
  "the mean of a draw is left out": "draw/mean-and-spread",
  "the components of a draw are left out": "draw/mean-and-spread",
  "the spread of a draw is left out": "draw/mean-and-spread",
  "the mean of a draw stays for the next": "draw/no-spread",
  "a draw of some chains draws all": "draw/some-chains",
  "some chains get the noise of the first ones": "draw/some-chains",
  "an average leaves the bias out": "average/mean",
  "an average has the weight the wrong way round": "average/mean",
  "an average clears what was written": "average/slot",
  "averages need no room": "average/refusals",
  "a closed session answers": "life/closed-session",
  "closing twice throws": "life/closed-session",
  "sessions share their chains": "life/independent-sessions",
  "the last state of a ragged tile is lost": "learn/many-states",
  "a batch ends at 1024 states": "learn/many-states",
  "weights above 1 lose their fraction": "learn/statistics",
  "a batch is averaged over its room": "learn/partial-batch",
  "the weight is ignored": "learn/statistics",
  "statistics replace each other": "learn/statistics",
  "statistics are not cleared": "learn/clears",
  "an update of rate 0 does not clear the statistics": "learn/clears",
  "statistics must be finite": "learn/statistics-not-finite",
  "the diagonal is learned": "learn/diagonal",
  "the bias decays": "learn/bias-does-not-decay",
  "moments are not corrected": "learn/adam",
  "ε stands under the root": "learn/adam",
  "T does not divide the gradient": "learn/sgd",
  "an update reaches one product only": "learn/used-at-once",
  "a temperature of 0 among others counts as 1": "step/temperature-per-chain",
  "the last of many temperatures is that of the chain before": "step/temperature-of-many-chains",
  "the temperatures of a call stay for the next": "step/own-options",
  "pins of a call stay for the next": "step/own-options",
  "pinned units drift by rounding": "step/pinned",
  "pins do not reach chains beyond 512": "step/pinned",
  "the carry into the step's high word is lost within a call": "step/euler-maruyama",
  "seeds count modulo 2⁴⁸": "bits/high-words",
  "the seed's high word is ignored in steps": "step/euler-maruyama",
  "streams count modulo 2⁸": "bits/streams",
  "noise repeats after 1024 units": "bits/draw-chains",
  "the gate counts modulo 2³²": "step/feedback-gate",
  "steps beyond 1000 of a call are left out": "step/many-steps",
  "tanh is 1 beyond 5": "step/saturated-units",
  "φ′ is 0 beyond 4": "step/saturated-units",
  "self-couplings do not act": "step/self-couplings",
  "couplings that are written again do not reach Jᵀ": "step/rewritten-parameters",
  "the feedback takes the symmetric part of J": "step/drift",
  "the last ragged tile of a long sum is lost": "limits/large-networks",
  "the mean of a draw is that of the unit before": "draw/mean-and-spread",
  "the activation of the newest session serves all": "life/different-sessions",
  "a read hands out what the session keeps": "life/reads-are-copies",
  "the smallest numbers become 0": "life/every-number",
  "the weight counts squared": "learn/statistics",
  "the last unit's bias has no statistics": "learn/statistics",
  "decay is divided by T": "learn/sgd",
  "the second moment leaves the decay out": "learn/adam",
  "Adam's constants are always the defaults": "learn/adam-constants",
  "T = 0 divides the gradient": "learn/zero-temperature",
  "energies are those of the couplings that were written": "learn/used-at-once",
  "measuring the virial changes the statistics": "learn/asking",
  "the norm of the couplings' statistics counts the bias": "learn/norms",
  "norms are of the sums of squares": "learn/norms",
  "the first average has weight 1": "average/from-zeros",
  "the energy lacks its ½": "learn/measures",
  "the virial has the wrong sign": "learn/measures",
} as const;

/** The name of a fault. */
export type Fault = keyof typeof faults;

/** Opens a backend with one fault, or with none. */
export function createFaultyBackend(fault: Fault | undefined): Backend {
  const sessions: FaultySession[] = [];
  let closed = false;
  const limits = { units: 4096, chains: 65_536 };
  const close = async () => {
    closed = true;
    for (const session of sessions) session.closed = true;
  };
  const dispose = async () => {
    if (fault === "disposing of a backend leaves its sessions open") closed = true;
    else await close();
  };
  const version =
    fault === "the version of the contract is left out" ? undefined : CONTRACT_VERSION;
  return {
    id: "faulty",
    contractVersion: version as number,
    device: {
      label: "JavaScript",
      precision: "float64",
      threads: 1,
      noise: "shared",
      limits,
      details: [],
    },
    async open(spec: SessionSpec) {
      if (closed) throw closedError("backend");
      if (fault === "missing options throw a TypeError") spec.units.toFixed();
      if (fault === "undefined is refused" && "firstChain" in spec) {
        requireInteger("firstChain", spec.firstChain!, 0);
      }
      const session = new FaultySession(resolveSpec(spec, limits), fault, sessions);
      sessions.push(session);
      return session;
    },
    close,
    [Symbol.asyncDispose]: dispose,
  };
}

class FaultySession implements Session {
  readonly spec: ResolvedSpec;
  closed = false;
  nextStep = 0;
  hasChains: boolean;
  hasAverages = false;
  #mean: Float32Array | Float64Array | undefined;
  readonly #fault: Fault | undefined;
  readonly #newest: () => FaultySession;
  readonly #slots = new Map<Slot, Float64Array | Float32Array>();
  readonly #old = new Map<Slot, Float64Array | Float32Array>();
  #transposed: Float64Array | Float32Array;
  #batchRows = 0;
  /** Whether steps were taken, and what the last of them were told. */
  #hasMoved = false;
  #lastRun: AdvanceRun | undefined;
  /** The couplings that were written last. */
  #written: Float64Array | undefined;

  constructor(spec: ResolvedSpec, fault: Fault | undefined, all: readonly FaultySession[]) {
    const [first] = all;
    this.#newest = () => all.at(-1)!;
    this.spec = spec;
    this.#fault = fault;
    this.hasChains = this.#has("hasChains is true from the start");
    for (const slot of ["couplings", "bias", "chains", "batch", "moments", "statistics"] as const) {
      this.#slots.set(slot, new Float64Array(slotLength(spec, slot)));
    }
    this.#slots.set("averages", new Float64Array(spec.units * (spec.units + 1)));
    const shared = first?.get("chains");
    if (this.#has("sessions share their chains") && shared?.length === this.get("chains").length) {
      this.#slots.set("chains", shared);
    }
    this.#transposed = this.get("couplings");
  }

  get(slot: Slot): Float64Array | Float32Array {
    return this.#slots.get(slot)!;
  }

  #has(fault: Fault): boolean {
    return this.#fault === fault;
  }

  #requireOpen(): void {
    if (this.closed && !this.#has("a closed session answers")) throw closedError("session");
  }

  get #network(): Network {
    const { units } = this.spec;
    const isShared = this.#has("the activation of the newest session serves all");
    const { activation } = isShared ? this.#newest().spec : this.spec;
    const zero = this.#has("the bias is forgotten");
    const bias = zero ? new Float64Array(units) : this.get("bias");
    let couplings = this.get("couplings");
    if (this.#has("self-couplings do not act"))
      couplings = couplings.map((value, at) => (at % (units + 1) === 0 ? 0 : value));
    return { units, couplings, bias, activation };
  }

  write(slot: Slot, given: Float32Array): void {
    this.#requireOpen();
    let values = given;
    const isDouble = Object.prototype.toString.call(values) === "[object Float64Array]";
    if (this.#has("any array is let in") || (this.#has("a Float64Array is let in") && isDouble)) {
      values = Float32Array.from(values);
    }
    if (this.#has("NaN is let in")) slotLength(this.spec, slot);
    else {
      try {
        requireSlotValues(this.spec, slot, values);
        if (this.#has("statistics must be finite")) requireFinite(slot, values);
      } catch (error) {
        if (this.#has("a refusal escapes as a rejection")) void Promise.reject(error);
        if (this.#has("a refusal escapes from a microtask")) {
          queueMicrotask(() => {
            throw error;
          });
        }
        throw error;
      }
    }
    if (this.#has("a write takes the whole buffer")) {
      values = new Float32Array(values.buffer as ArrayBuffer, 0, values.length);
    }
    if (this.#has("the smallest numbers become 0")) {
      values = values.map((value) => (Math.abs(value) < 2 ** -126 ? 0 : value));
    }
    if (slot === "chains") this.hasChains = true;
    if (slot === "averages") this.hasAverages = true;
    if (slot === "batch") this.#batchRows = values.length / this.spec.units;
    this.#old.set(slot, this.get(slot));
    if (this.#has("a write does not copy")) this.#slots.set(slot, values);
    else if (this.#has("sessions share their chains") && slot === "chains")
      this.get(slot).set(values);
    else this.#slots.set(slot, Float64Array.from(values));
    if (slot !== "couplings") return;
    this.#written = Float64Array.from(values);
    if (this.#has("couplings that are written again do not reach Jᵀ") && this.#hasMoved) return;
    this.#transposed = this.get(slot);
  }

  async read(slot: Slot): Promise<Float32Array> {
    this.#requireOpen();
    slotLength(this.spec, slot);
    const stale =
      this.#has("a read is stale") && slot === "chains" ? this.#old.get(slot) : undefined;
    if (this.#has("a read hands out what the session keeps")) {
      const kept = Float32Array.from(this.get(slot));
      this.#slots.set(slot, kept);
      return kept;
    }
    return Float32Array.from(stale ?? this.get(slot));
  }

  drawChains(draw: ChainDraw): void {
    this.#requireOpen();
    requireDraw(this.spec, draw);
    this.hasChains = true;
    const { units, chains, seed, firstChain } = this.spec;
    const { stream, step } = draw;
    const components = this.#has("the components of a draw are left out")
      ? undefined
      : draw.components;
    const stays = this.#has("the mean of a draw stays for the next");
    this.#mean = draw.mean ?? (stays ? this.#mean : undefined);
    const mean = this.#has("the mean of a draw is left out") ? undefined : this.#mean;
    const spread = this.#has("the spread of a draw is left out") ? 1 : (draw.spread ?? 1);
    const everything = { first: 0, count: chains };
    const only = this.#has("a draw of some chains draws all") ? everything : draw.only;
    const { first, count } = only ?? everything;
    const shift = this.#has("some chains get the noise of the first ones") ? first : 0;
    const late = this.#has("the mean of a draw is that of the unit before") ? 1 : 0;
    for (let chain = first; chain < first + count; chain++) {
      const noise = this.#noise(stream, step, chain - shift);
      const centre = chainMean({ mean, components }, { seed, step }, firstChain + chain, units);
      const state = noise.map((normal, unit) => (centre[unit - late] ?? 0) + spread * normal);
      this.get("chains").set(state, chain * units);
    }
  }

  average(weight: number): void {
    this.#requireOpen();
    const spec = this.#has("averages need no room") ? { ...this.spec, averages: true } : this.spec;
    requireAverage(spec, weight);
    const isFirst = !this.hasAverages;
    this.hasAverages = true;
    const { units } = this.spec;
    const averages = this.get("averages");
    const parameters = [...this.get("couplings"), ...this.get("bias")];
    if (this.#has("an average clears what was written")) averages.fill(0);
    let share = this.#has("an average has the weight the wrong way round") ? 1 - weight : weight;
    if (isFirst && this.#has("the first average has weight 1")) share = 1;
    const end = this.#has("an average leaves the bias out") ? units * units : parameters.length;
    for (let at = 0; at < end; at++) averages[at]! += share * (parameters[at]! - averages[at]!);
  }

  #noise(stream: number, step: number, chain: number): Float64Array {
    const low = (value: number) => value % 2 ** 32;
    const { firstChain, units } = this.spec;
    let { seed } = this.spec;
    const noHighWord =
      this.#has("the high word of the seed is ignored") ||
      (this.#has("the seed's high word is ignored in steps") && stream === streams.dynamics);
    if (noHighWord) seed = low(seed);
    if (this.#has("seeds count modulo 2⁴⁸")) seed %= 2 ** 48;
    const noise = chainNoise(
      {
        seed,
        stream: this.#has("the stream is ignored")
          ? 0
          : stream % (this.#has("streams count modulo 2⁸") ? 2 ** 8 : 2 ** 32),
        step: this.#has("the high word of the step is ignored") ? low(step) : step,
      },
      this.#has("noise is the same in all chains")
        ? 0
        : chain + (this.#has("firstChain is ignored") ? 0 : firstChain),
      units,
    );
    if (this.#has("noise repeats after 1024 units")) noise.copyWithin(1024, 0);
    return noise;
  }

  #stepNoise(run: AdvanceRun, counted: number, own: number): Float64Array {
    const { firstChain } = this.spec;
    const high = Math.floor(run.firstStep / 2 ** 32) * 2 ** 32;
    const noCarry = this.#has("the carry into the step's high word is lost within a call");
    const step = noCarry ? high + (counted % 2 ** 32) : counted;
    const wraps = this.#has("chains count modulo 2¹⁶ in steps");
    const chain = wraps ? ((own + firstChain) % 2 ** 16) - firstChain : own;
    const cut = this.#has("noise is cut at 4.5 σ") ? 4.5 : Number.POSITIVE_INFINITY;
    const at = (s: number) =>
      this.#noise(0, this.#has("noise is the same in all steps") ? 0 : s, chain).map((value) =>
        Math.max(-cut, Math.min(cut, value)),
      );
    const now = at(step);
    if (run.integrator === "euler-maruyama" || this.#has("the midpoint noise is ξ_s alone"))
      return now;
    const last = counted === run.firstStep + run.steps - 1;
    const dropped = last && this.#has("the midpoint's second half is dropped at the end of a call");
    const next = dropped ? now.map(() => 0) : at(step + 1);
    const divisor = this.#has("the midpoint noise is not halved") ? 1 : 2;
    return now.map((value, unit) => (value + next[unit]!) / divisor);
  }

  #force(x: Float64Array, feedback: boolean, pinned: Uint8Array | undefined): Float64Array {
    const { units, activation } = this.spec;
    const network = this.#network;
    const swapped = (couplings: ArrayLike<number>) =>
      Float64Array.from(
        couplings,
        (_, at) => couplings[(at % units) * units + Math.floor(at / units)]!,
      );
    const forward = this.#has("J and Jᵀ are swapped in the current")
      ? { ...network, couplings: swapped(network.couplings) }
      : network;
    let seen = x;
    if (pinned && this.#has("pinned units do not act on others")) {
      seen = x.map((value, unit) => (pinned[unit] ? 0 : value));
    }
    if (this.#has("tanh is 1 beyond 5") && activation === "tanh") {
      seen = seen.map((value) => (Math.abs(value) > 5 ? 1e3 * Math.sign(value) : value));
    }
    const v = speed(forward, seen).map((value, unit) => value + seen[unit]! - x[unit]!);
    if (!feedback) return v;
    const phi = firingRates(network, x);
    let couplings: ArrayLike<number> = this.#transposed;
    if (this.#has("J and Jᵀ are swapped in the feedback")) couplings = swapped(couplings);
    if (this.#has("the feedback takes the symmetric part of J")) {
      const other = swapped(couplings);
      couplings = Float64Array.from(other, (value, at) => (value + couplings[at]!) / 2);
    }
    const sign = this.#has("the feedback has the wrong sign") ? -1 : 1;
    return v.map((value, j) => {
      let back = 0;
      let end = this.#has("sums over units end at 512") ? Math.min(units, 512) : units;
      const isRagged = this.#has("the last ragged tile of a long sum is lost") && units > 512;
      if (isRagged) end -= units % 16;
      for (let i = 0; i < end; i++) back += couplings[i * units + j]! * v[i]!;
      let derivative = slope(activation, phi[j]!);
      if (this.#has("φ′ is taken from tanh for the identity")) derivative = 1 - phi[j]! ** 2;
      if (this.#has("the feedback lacks φ′")) derivative = 1;
      if (this.#has("φ′ is 0 beyond 4") && Math.abs(x[j]!) > 4) derivative = 0;
      const isLost =
        this.#has("the last unit feels no feedback beyond 100 units") &&
        j >= 100 &&
        j === units - 1;
      return isLost ? value : value - sign * derivative * back;
    });
  }

  advance(given: AdvanceRun): void {
    let run = given;
    this.#requireOpen();
    if (run === undefined && this.#has("missing options throw a TypeError")) {
      throw new TypeError("Cannot read properties of undefined");
    }
    requireRun(this.spec, {
      ...run,
      ...(this.#has("any mask is let in") && { pinned: undefined }),
      ...(this.#has("any temperatures are let in") &&
        typeof run.temperature === "object" && { temperature: 1 }),
      ...(this.#has("an unknown integrator is the midpoint") && { integrator: "euler-maruyama" }),
    });
    if (this.#has("nextStep counts steps")) this.nextStep += run.steps;
    else this.nextStep = run.firstStep + run.steps;
    this.hasChains = true;
    const { units, chains } = this.spec;
    const last = this.#lastRun;
    if (this.#has("pins of a call stay for the next"))
      run = { ...run, pinned: run.pinned ?? last?.pinned };
    if (
      this.#has("the temperatures of a call stay for the next") &&
      typeof last?.temperature === "object"
    )
      run = { ...run, temperature: last.temperature };
    if (this.#has("steps beyond 1000 of a call are left out") && run.steps > 1000)
      run = { ...run, steps: 1000 };
    this.#hasMoved = true;
    this.#lastRun = run;
    let gate = run.feedbackFrom ?? 0;
    if (this.#has("the gate counts modulo 2³²") && Number.isFinite(gate)) gate %= 2 ** 32;
    if (this.#has("the gate opens a step late") && gate > 0) gate += 1;
    const end = this.#has("chains beyond 256 stand still") ? Math.min(chains, 256) : chains;
    for (let chain = 0; chain < end; chain++) {
      let x: Float64Array = Float64Array.from(
        this.get("chains").subarray(chain * units, (chain + 1) * units),
      );
      let of = this.#has("the first temperature serves all chains") ? 0 : chain;
      if (this.#has("temperatures repeat after 64 chains")) of %= 64;
      const isLate = this.#has("the last of many temperatures is that of the chain before");
      if (isLate && chains > 100 && of === chains - 1) of -= 1;
      let temperature =
        typeof run.temperature === "number" ? run.temperature : run.temperature[of]!;
      if (
        this.#has("a temperature of 0 among others counts as 1") &&
        typeof run.temperature === "object"
      )
        temperature ||= 1;
      const two = this.#has("the 2 in √(2T dt) is forgotten") ? 1 : 2;
      const dt = this.#has("√dt is forgotten") ? 1 : run.dt;
      const amplitude = Math.sqrt(two * temperature * dt);
      for (let step = run.firstStep; step < run.firstStep + run.steps; step++) {
        const counted = this.#has("the gate counts from the start of the call");
        const open = counted && gate > 0 ? step - run.firstStep >= 3 : step >= gate;
        const f = this.#force(x, open, run.pinned);
        const noise = this.#stepNoise(run, step, chain);
        const drift = this.#has("pinned units drift by rounding") ? 1 + 2 ** -23 : 1;
        const free =
          this.#has("pinned units move") ||
          (this.#has("pins do not reach chains beyond 512") && chain >= 512);
        x = x.map((value, unit) =>
          run.pinned?.[unit] && !free
            ? value * drift
            : value + run.dt * f[unit]! + amplitude * noise[unit]!,
        );
        if (this.#has("states are cut at ±6"))
          x = x.map((value) => Math.max(-6, Math.min(6, value)));
      }
      this.get("chains").set(x, chain * units);
    }
  }

  #states(source: Source): Float64Array {
    requireSource(source, this.#batchRows);
    return Float64Array.from(this.get(source));
  }

  accumulate(source: Source, weight: number): void {
    this.#requireOpen();
    if (!this.#has("a missing weight is 1") || weight !== undefined) requireWeight(weight);
    const { units, batch } = this.spec;
    let states = this.#states(source);
    let share = this.#has("the weight is ignored") ? Math.sign(weight) : (weight ?? 1);
    if (this.#has("the weight counts squared")) share *= Math.abs(share);
    if (this.#has("weights above 1 lose their fraction") && share > 1) share = Math.floor(share);
    if (this.#has("a batch ends at 1024 states")) states = states.subarray(0, 1024 * units);
    const count = states.length / units;
    if (this.#has("the last state of a ragged tile is lost") && count > 1 && count % 16 !== 0) {
      states = states.subarray(0, (count - 1) * units);
      share *= (count - 1) / count;
    }
    if (this.#has("a batch is averaged over its room") && source === "batch")
      share *= count / batch;
    const statistics = Float64Array.from(this.get("statistics"));
    if (this.#has("statistics replace each other")) statistics.fill(0);
    accumulateStatistics(statistics, this.#network, states, share);
    if (this.#has("the last unit's bias has no statistics")) statistics[statistics.length - 1] = 0;
    this.#slots.set("statistics", statistics);
  }

  update(step: UpdateStep): void {
    this.#requireOpen();
    if (!this.#has("an unknown optimiser is Adam")) requireUpdate(step);
    const { units } = this.spec;
    const square = units * units;
    const statistics = this.get("statistics");
    const moments = this.get("moments");
    const before = Float64Array.from(this.get("couplings"));
    const { beta1, beta2, epsilon } = adamConstants(
      this.#has("Adam's constants are always the defaults") ? { kind: "adam" } : step.optimizer,
    );
    const number = this.#has("updates after 1000 count as 1000")
      ? Math.min(step.update, 1000)
      : step.update;
    const corrected = !this.#has("moments are not corrected");
    const [first, second] = [beta1, beta2].map((beta) => (corrected ? 1 - beta ** number : 1));
    const isCold = this.#has("T = 0 divides the gradient") ? 1e-6 : 1;
    const temperature = this.#has("T does not divide the gradient")
      ? 1
      : step.temperature || isCold;
    for (let index = 0; index < statisticsLength(units); index++) {
      const isCoupling = index < square;
      if (isCoupling && index % (units + 1) === 0 && !this.#has("the diagonal is learned"))
        continue;
      const target = this.get(isCoupling ? "couplings" : "bias");
      const place = isCoupling ? index : index - square;
      const bare = statistics[index]! / temperature;
      let gradient = bare;
      const pull = this.#has("decay is divided by T") ? 1 / temperature : 1;
      if (isCoupling || this.#has("the bias decays"))
        gradient += pull * (step.decay ?? 0) * target[place]!;
      if (step.optimizer.kind === "sgd") {
        target[place]! -= step.learningRate * gradient;
        continue;
      }
      const other = statistics.length + index;
      moments[index] = beta1 * moments[index]! + (1 - beta1) * gradient;
      const squared = this.#has("the second moment leaves the decay out") ? bare : gradient;
      moments[other] = beta2 * moments[other]! + (1 - beta2) * squared ** 2;
      const spread = moments[other]! / second!;
      const root = this.#has("ε stands under the root")
        ? Math.sqrt(spread + epsilon)
        : Math.sqrt(spread) + epsilon;
      target[place]! -= (step.learningRate * moments[index]!) / first! / root;
    }
    this.#transposed = this.#has("an update reaches one product only")
      ? before
      : this.get("couplings");
    const keeps =
      this.#has("statistics are not cleared") ||
      (this.#has("an update of rate 0 does not clear the statistics") && step.learningRate === 0);
    if (!keeps) statistics.fill(0);
  }

  async measure(what: Measure, source: Source): Promise<Float32Array> {
    this.#requireOpen();
    if (!this.#has("an unknown measure is the virial")) requireMeasure(what);
    const states = this.#states(source);
    if (what === "energy") {
      const scale = this.#has("the energy lacks its ½") ? 2 : 1;
      const isOld = this.#has("energies are those of the couplings that were written");
      const couplings = (isOld && this.#written) || this.get("couplings");
      const network = { ...this.#network, couplings };
      return Float32Array.from(energy(network, states), (value) => scale * value);
    }
    if (this.#has("measuring the virial changes the statistics")) this.get("statistics").fill(0);
    const sign = this.#has("the virial has the wrong sign") ? -1 : 1;
    return Float32Array.from(virial(this.#network, states), (value) => sign * value);
  }

  async norms(): Promise<StatisticsNorms> {
    this.#requireOpen();
    const { units } = this.spec;
    const statistics = this.get("statistics");
    const norm = (values: Float64Array | Float32Array) => {
      const length = Math.hypot(...values);
      return this.#has("norms are of the sums of squares") ? length ** 2 : length;
    };
    const countsBias = this.#has("the norm of the couplings' statistics counts the bias");
    return {
      couplings: norm(countsBias ? statistics : statistics.subarray(0, units ** 2)),
      bias: norm(statistics.subarray(units ** 2)),
    };
  }

  async synchronize(): Promise<void> {
    this.#requireOpen();
  }

  async close(): Promise<void> {
    if (this.closed && this.#has("closing twice throws")) throw closedError("session");
    this.closed = true;
    if (this.#has("a closed session rejects where nobody looks")) {
      void Promise.reject(closedError("session"));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#has("disposing does nothing")) await this.close();
  }
}
