// The tiled matrix products, and what each does with its result before it leaves the registers.
//
// States stand as [unit][chain] and both J and Jᵀ are kept, so either product is Σ_k matrix[k][unit]·states[k][chain]
// with rows that are read as they lie. The next block is fetched into registers while this one is multiplied.
import { type Activation, streams } from "@neural-langevin/core";
import { type Shape, threadsOf } from "../shapes.js";
import { activationCode, noiseCode } from "./functions.js";
import { type Binding, type Kernel, kernel, reads, repeat, uniforms, writes } from "./kernel.js";

/** What follows a product for the four chains of one vector and some units. */
interface Epilogue {
  readonly bindings: readonly Binding[];
  /** Functions before the kernel. */
  readonly functions: string;
  /** At the start, once for each thread. */
  readonly prologue?: string;
  /** Before the units of one block of four units and one vector of chains: `unit`, `column`, `vector` are known. */
  readonly perBlock?: string;
  /** For one unit: `place` is its vector in arrays of states, `sum` the product, `part` its number in the block. */
  readonly perUnit: string;
}

const vectors = (name: string) => reads(name, "vec4f");

/** speeds = Jφ + b − x. It also counts the clock's step on, for the product that follows. */
export function speedKernel(shape: Shape): Kernel {
  return product(shape, "speed", {
    bindings: [
      vectors("x"),
      reads("parameters"),
      writes("clock", "u32"),
      writes("speeds", "vec4f"),
    ],
    functions: "",
    prologue: `
  if (all(group.xy == vec2u(0u)) && index == 0u) {
    clock[0] += 1u;
    if (clock[0] == 0u) { clock[1] += 1u; }
  }`,
    perUnit: `
        let bias = parameters[sizes.units * sizes.units + unit];
        speeds[place] = (sum + bias) - x[place];`,
  });
}

/** One Langevin step from the speeds: x ← x + dt·F + √(2T dt)·ξ with F = v − φ′∘(Jᵀv), or F = v. */
export function stepKernel(shape: Shape, activation: Activation, feedback: boolean): Kernel {
  const name = `step-${activation}-${feedback ? "feedback" : "drift"}`;
  const noise = `normals(unit / 4u, chain, ${streams.dynamics}u, `;
  return product(
    shape,
    name,
    {
      bindings: [
        uniforms.run,
        // Amplitudes √(2T dt) of the chains.
        vectors("amplitudes"),
        // Nonzero for units that keep their value.
        reads("pinned", "u32"),
        reads("clock", "u32"),
        writes("x", "vec4f"),
        writes("firingRates", "vec4f"),
      ],
      functions: activationCode(activation) + noiseCode,
      perBlock: `
      let amplitude = amplitudes[column];
      let noisy = amplitude > vec4f(0.0);
      var noise = mat4x4f();
      if (any(noisy)) {
        let chain = sizes.firstChain + 4u * column + vec4u(0u, 1u, 2u, 3u);
        noise = ${noise}vec2u(clock[0], clock[1]));
        if (run.midpoint != 0u) {
          let next = clock[0] + 1u;
          noise = 0.5 * (noise + ${noise}vec2u(next, clock[1] + select(0u, 1u, next == 0u))));
        }
      }`,
      perUnit: `
        if (pinned[unit] == 0u) {
          var force = states[place];
          ${feedback ? "force = fma(-slope(firingRates[place]), sum, force);" : ""}
          var moved = fma(vec4f(run.dt), force, x[place]);
          moved = select(moved, fma(amplitude, noise[part], moved), noisy);
          x[place] = moved;
          firingRates[place] = firingRate(moved);
        }`,
    },
    feedback,
  );
}

/** scratch = −x∘F, whose sum over units is the virial x·∇E. */
export function virialKernel(shape: Shape, activation: Activation): Kernel {
  return product(shape, `virial-${activation}`, {
    bindings: [vectors("x"), vectors("firingRates"), writes("scratch", "vec4f")],
    functions: activationCode(activation),
    perUnit: `
        scratch[place] = -x[place] * fma(-slope(firingRates[place]), sum, states[place]);`,
  });
}

/** The kernel of a product with its epilogue; without `multiplies` the sums are left out. */
function product(shape: Shape, name: string, epilogue: Epilogue, multiplies = true): Kernel {
  const { units, chains, depth, unitsPerThread } = shape;
  const [threadsX, threadsY] = threadsOf(shape);
  const threads = threadsX * threadsY;
  const columns = shape.chainsPerThread / 4;
  const blocks = Math.max(1, unitsPerThread / 4);
  const perBlock = unitsPerThread / blocks;
  const loads = [
    { name: "matrix", width: units / 4, first: "firstUnit / 4u", stride: "sizes.rows / 4u" },
    { name: "states", width: chains / 4, first: "firstColumn", stride: "sizes.stride / 4u" },
  ].map((load) => ({ ...load, count: (depth * load.width) / threads }));
  for (const { count } of loads) {
    if (!Number.isInteger(count))
      throw new Error(`A tile of shape ${shape.name} does not divide into whole loads.`);
  }
  const eachLoad = (text: (load: (typeof loads)[number], at: number) => string) =>
    loads.map((load) => repeat(load.count, (at) => text(load, at))).join("\n");
  const place = ({ width }: { width: number }, at: number) =>
    `(index + ${at * threads}u) / ${width}u`;
  const inRow = ({ width }: { width: number }, at: number) =>
    `(index + ${at * threads}u) % ${width}u`;
  const fetch = (from: string) =>
    eachLoad(
      (load, at) =>
        `${load.name}Next${at} = ${load.name}[(${from} + ${place(load, at)}) * (${load.stride}) + ${load.first} + ${inRow(load, at)}];`,
    );
  const eachSum = (text: (unit: number, column: number) => string) =>
    repeat(unitsPerThread, (unit) => repeat(columns, (column) => text(unit, column)));
  const factor = (unit: number) =>
    unitsPerThread === 1 ? "matrix0" : `matrix${Math.floor(unit / 4)}[${unit % 4}]`;

  const sums = `
  ${eachLoad((load, at) => `var ${load.name}Next${at}: vec4f;`)}
  ${fetch("0u")}
  for (var start = 0u; start < sizes.depth; start += ${depth}u) {
    workgroupBarrier();
    ${eachLoad((load, at) => `${load.name}Tile[index + ${at * threads}u] = ${load.name}Next${at};`)}
    workgroupBarrier();
    let after = start + ${depth}u;
    if (after < sizes.depth) {
      ${fetch("after")}
    }
    for (var k = 0u; k < ${depth}u; k++) {
      ${
        unitsPerThread === 1
          ? `let matrix0 = matrixTile[k * ${units / 4}u + local.y / 4u][local.y % 4u];`
          : repeat(
              blocks,
              (block) =>
                `let matrix${block} = matrixTile[k * ${units / 4}u + local.y + ${block * threadsY}u];`,
            )
      }
      ${repeat(columns, (column) => `let states${column} = statesTile[k * ${chains / 4}u + local.x + ${column * threadsX}u];`)}
      ${eachSum((u, c) => `sum${u}_${c} = fma(vec4f(${factor(u)}), states${c}, sum${u}_${c});`)}
    }
  }`;

  const finish = repeat(columns, (c) =>
    repeat(blocks, (block) => {
      const firstOfBlock =
        unitsPerThread === 1
          ? "firstUnit + local.y"
          : `firstUnit + 4u * (local.y + ${block * threadsY}u)`;
      return `
    {
      let column = firstColumn + local.x + ${c * threadsX}u;
      let firstOfBlock = ${firstOfBlock};
      if (firstOfBlock < sizes.units) {
      let unit = firstOfBlock;
      ${epilogue.perBlock ?? ""}
      ${repeat(perBlock, (part) => {
        const unit = block * 4 + part;
        return `
      if (firstOfBlock + ${part}u < sizes.units) {
        let unit = firstOfBlock + ${part}u;
        let part = ${unitsPerThread === 1 ? "unit % 4u" : `${part}u`};
        let place = unit * (sizes.stride / 4u) + column;
        let sum = sum${unit}_${c};
        ${epilogue.perUnit}
      }`;
      })}
      }
    }`;
    }),
  );

  const tiles = loads
    .map(({ name: tile, width }) => `var<workgroup> ${tile}Tile: array<vec4f, ${depth * width}>;`)
    .join("\n");
  return kernel(
    `${name}/${shape.name}`,
    [
      uniforms.sizes,
      ...(multiplies ? [vectors("matrix")] : []),
      vectors("states"),
      ...epilogue.bindings,
    ],
    `${epilogue.functions}
${multiplies ? tiles : ""}
@compute @workgroup_size(${threadsX}, ${threadsY})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let firstUnit = group.y * ${units}u;
  let firstColumn = group.x * ${chains / 4}u;
  ${epilogue.prologue ?? ""}
  ${eachSum((u, c) => `var sum${u}_${c} = vec4f();`)}
  ${multiplies ? sums : ""}
  ${finish}
}`,
  );
}
