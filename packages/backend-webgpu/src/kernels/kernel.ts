// What a kernel is: WGSL with named bindings, so that a session can bind its buffers by name.

/** One argument of a kernel. */
export interface Binding {
  /** Its name in WGSL, and in the session's call. */
  readonly name: string;
  readonly access: "uniform" | "read" | "read_write";
  readonly type: string;
}

/** A program for the device. Kernels of the same key are the same program. */
export interface Kernel {
  readonly key: string;
  readonly bindings: readonly Binding[];
  readonly code: string;
}

/**
 * Sizes of a session's states and where their noise lies. `units`, `count`: the real numbers of units and states;
 * `rows`, `stride`: the padded ones; `depth`: units that a sum runs over.
 */
const structures = `
struct Sizes {
  units: u32, rows: u32, depth: u32, count: u32,
  stride: u32, firstChain: u32, seedLow: u32, seedHigh: u32,
}
struct Run { dt: f32, midpoint: u32 }
struct Draw { stream: u32, stepLow: u32, stepHigh: u32, first: u32, count: u32, spread: f32 }
struct Share { weight: f32 }
struct Rule {
  rate: f32, decay: f32, temperature: f32, epsilon: f32,
  beta1: f32, rest1: f32, correction1: f32,
  beta2: f32, rest2: f32, correction2: f32,
}
`;

const uniform = (name: string, type: string): Binding => ({ name, access: "uniform", type });

/** Uniform arguments. */
export const uniforms = {
  sizes: uniform("sizes", "Sizes"),
  run: uniform("run", "Run"),
  draw: uniform("draw", "Draw"),
  share: uniform("share", "Share"),
  rule: uniform("rule", "Rule"),
} as const;

/** An array that is read. */
export const reads = (name: string, element = "f32"): Binding => ({
  name,
  access: "read",
  type: `array<${element}>`,
});

/** An array that is written, or read and written. */
export const writes = (name: string, element = "f32"): Binding => ({
  name,
  access: "read_write",
  type: `array<${element}>`,
});

/** A kernel from its bindings and the WGSL after them. */
export function kernel(key: string, bindings: readonly Binding[], body: string): Kernel {
  const declarations = bindings.map(({ name, access, type }, at) => {
    const space = access === "uniform" ? "uniform" : `storage, ${access}`;
    return `@group(0) @binding(${at}) var<${space}> ${name}: ${type};`;
  });
  return { key, bindings, code: [structures, ...declarations, body].join("\n") };
}

/** Text for each number below `count`, one after the other. */
export const repeat = (count: number, text: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => text(at)).join("\n");
