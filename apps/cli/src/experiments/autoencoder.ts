// The autoencoder of the paper, N–400–d–400–N with tanh at its end, in TensorFlow.js layers on WebAssembly. It goes on
// from its own weights and moments, which are plain arrays.
import { LangevinError } from "@neural-langevin/core";
import { batchOrder } from "@neural-langevin/core/backend";
import type * as Core from "@tensorflow/tfjs-core";
import type * as Layers from "@tensorflow/tfjs-layers";

/** What is trained, and how. */
export interface AutoencoderPlan {
  /** Values of an image N, of the hidden layers, and of a code d. */
  readonly units: number;
  readonly hidden: number;
  readonly code: number;
  readonly batch: number;
  /** Adam's rate. */
  readonly rate: number;
  readonly seed: number;
}

/** A trained autoencoder. */
export interface Autoencoder {
  /** Codes of images u = 2p − 1, shape [count][N] to [count][d]. */
  encode(images: Float32Array): Float32Array;
  /** Images of codes, shape [count][d] to [count][N]. */
  decode(codes: Float32Array): Float32Array;
  close(): void;
}

/** TensorFlow.js as it is used here. */
export interface TensorFlow {
  readonly tf: typeof Core;
  readonly layers: typeof Layers;
}

/** What is imported. All three are optional peers. */
const packages = {
  "@tensorflow/tfjs-core": (): Promise<unknown> => import("@tensorflow/tfjs-core"),
  "@tensorflow/tfjs-layers": (): Promise<unknown> => import("@tensorflow/tfjs-layers"),
  "@tensorflow/tfjs-backend-wasm": (): Promise<unknown> => import("@tensorflow/tfjs-backend-wasm"),
};

/**
 * Imports TensorFlow.js and lets it run on WebAssembly.
 *
 * @throws unavailable
 */
export async function loadTensorFlow(from = packages): Promise<TensorFlow> {
  // The packages are CommonJS.
  const moduleOf = <T>(imported: unknown) =>
    ((imported as { default?: T }).default ?? imported) as T;
  try {
    const tf = moduleOf<typeof Core>(await from["@tensorflow/tfjs-core"]());
    const layers = moduleOf<typeof Layers>(await from["@tensorflow/tfjs-layers"]());
    await from["@tensorflow/tfjs-backend-wasm"]();
    await tf.setBackend("wasm");
    return { tf, layers };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new LangevinError(
      "unavailable",
      "The autoencoder needs TensorFlow.js layers, which are not installed.",
      `Install them with: npm install ${Object.keys(packages).join(" ")}`,
      { cause: error },
    );
  }
}

/** A network of given weights, or with weights that the seed decides. */
function build({ tf, layers }: TensorFlow, plan: AutoencoderPlan) {
  const { units, hidden, code, seed } = plan;
  const dense = (size: number, activation: "relu" | "tanh" | "linear", place: number) =>
    layers.layers.dense({
      ...{ units: size, activation },
      kernelInitializer: layers.initializers.glorotUniform({ seed: 4 * seed + place }),
    });
  const input = layers.input({ shape: [units] });
  const codes = dense(code, "linear", 1).apply(dense(hidden, "relu", 0).apply(input));
  const toImages = [dense(hidden, "relu", 2), dense(units, "tanh", 3)];
  const apply = (from: Layers.SymbolicTensor) =>
    toImages.reduce((tensor, layer) => layer.apply(tensor) as Layers.SymbolicTensor, from);
  const codeInput = layers.input({ shape: [code] });
  const whole = layers.model({
    inputs: input,
    outputs: apply(codes as Layers.SymbolicTensor),
  });
  return {
    whole,
    encoder: layers.model({ inputs: input, outputs: codes as Layers.SymbolicTensor }),
    decoder: layers.model({ inputs: codeInput, outputs: apply(codeInput) }),
    optimizer: tf.train.adam(plan.rate),
  };
}

type Network = ReturnType<typeof build>;

/** Frees all weights; the two halves only borrow those of the whole. */
const dispose = ({ whole }: Network): void => void whole.dispose();

/** Numbers of all weights of a network. */
const weightsOf = ({ whole }: Network): number =>
  whole.getWeights().reduce((sum, { size }) => sum + size, 0);

/** Puts an array of weights into a network. */
function putWeights({ tf }: TensorFlow, { whole }: Network, values: Float32Array): void {
  let start = 0;
  tf.tidy(() => {
    whole.setWeights(
      whole.getWeights().map(({ shape, size }) => {
        start += size;
        return tf.tensor(values.slice(start - size, start), shape);
      }),
    );
  });
}

/**
 * Trains through some epochs.
 *
 * @param images u = 2p − 1, shape [count][N]
 * @param from what an earlier call returned, or nothing where training begins
 * @param epochs the first epoch, from 0, and the one after the last
 * @param follow called after each epoch with the number of epochs and the mean loss; may throw to stop
 * @returns weights, then Adam's steps and moments, then the mean loss of the last epoch
 */
export async function trainAutoencoder(
  tensorFlow: TensorFlow,
  plan: AutoencoderPlan,
  images: Float32Array,
  from: Float32Array | undefined,
  epochs: readonly [first: number, end: number],
  follow: (done: number, loss: number) => void,
): Promise<Float32Array> {
  const { tf } = tensorFlow;
  const { units, batch, seed } = plan;
  const network = build(tensorFlow, plan);
  const { whole, optimizer } = network;
  whole.compile({ optimizer, loss: "meanSquaredError" });
  if (from) {
    putWeights(tensorFlow, network, from);
    let start = weightsOf(network);
    const names = [...whole.getWeights(), ...whole.getWeights()];
    const moments = names.map(({ shape, size }, at) => {
      start += size;
      return { name: `${at}`, tensor: tf.tensor(from.slice(start - size, start), shape) };
    });
    const steps = { name: "iter", tensor: tf.scalar(from[start]!, "int32") };
    await optimizer.setWeights([steps, ...moments]);
  }
  const count = images.length / units;
  const perEpoch = Math.ceil(count / batch);
  const order = batchOrder(seed, count, Math.min(batch, count));
  let sum = 0;
  const rows = new Float32Array(Math.min(batch, count) * units);
  for (let epoch = epochs[0]; epoch < epochs[1]; epoch++) {
    sum = 0;
    for (let at = 1; at <= perEpoch; at++) {
      order(epoch * perEpoch + at).forEach((index, row) => {
        rows.set(images.subarray(index * units, (index + 1) * units), row * units);
      });
      const tensor = tf.tensor2d(rows, [rows.length / units, units]);
      const loss = (await whole.trainOnBatch(tensor, tensor)) as number;
      tensor.dispose();
      sum += loss / perEpoch;
    }
    follow(epoch + 1, sum);
  }
  const [steps, ...moments] = await optimizer.getWeights();
  const parts = [
    ...whole.getWeights().map((tensor) => tensor.dataSync()),
    ...moments.map(({ tensor }) => tensor.dataSync()),
    steps!.tensor.dataSync(),
    [sum],
  ];
  const state = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let start = 0;
  for (const part of parts) {
    state.set(part, start);
    start += part.length;
  }
  dispose(network);
  return state;
}

/** The loss that `trainAutoencoder` ended with. */
export const lossOf = (state: Float32Array): number => state.at(-1)!;

/** The autoencoder that `trainAutoencoder` returned. */
export function openAutoencoder(
  tensorFlow: TensorFlow,
  plan: AutoencoderPlan,
  state: Float32Array,
): Autoencoder {
  const { tf } = tensorFlow;
  const network = build(tensorFlow, plan);
  putWeights(tensorFlow, network, state);
  const through = (model: Network["whole"], width: number) => (values: Float32Array) =>
    tf.tidy(() => {
      const output = model.predict(tf.tensor2d(values, [values.length / width, width]), {
        batchSize: 1000,
      });
      return (output as Core.Tensor).dataSync<"float32">();
    });
  return {
    encode: through(network.encoder, plan.units),
    decode: through(network.decoder, plan.code),
    close: () => dispose(network),
  };
}
