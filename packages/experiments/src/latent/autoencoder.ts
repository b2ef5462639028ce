// The autoencoder of the paper, N–400–d–400–N with tanh at its end, in TensorFlow.js layers. It goes on from its own
// weights and moments, which are plain arrays.
import { batchOrder } from "@neural-langevin/core/backend";
import type * as Core from "@tensorflow/tfjs-core";
import type * as Layers from "@tensorflow/tfjs-layers";
import type { AutoencoderPlan } from "./settings.js";
import type { TensorFlow } from "./tensorflow.js";

/** Everything that a training goes on with. */
export interface AutoencoderState {
  readonly weights: Float32Array;
  /** Adam's moments and steps. */
  readonly moments: Float32Array;
  readonly steps: Int32Array;
  /** Mean squared error over the last epoch, one number. */
  readonly loss: Float64Array;
}

/** A trained autoencoder. */
export interface Autoencoder {
  /** Codes of images u = 2p − 1, shape [count][N] to [count][d]. */
  encode(images: Float32Array): Float32Array;
  /** Images of codes, shape [count][d] to [count][N]. */
  decode(codes: Float32Array): Float32Array;
  close(): void;
}

/** A network of given weights, or with weights that the seed decides. */
function build({ tf, layers }: TensorFlow, plan: AutoencoderPlan) {
  const { units, hidden, code, seed } = plan;
  const dense = (size: number, activation: "relu" | "tanh" | "linear", place: number) =>
    layers.layers.dense({
      units: size,
      activation,
      kernelInitializer: layers.initializers.glorotUniform({ seed: 4 * seed + place }),
    });
  const input = layers.input({ shape: [units] });
  const codes = dense(code, "linear", 1).apply(dense(hidden, "relu", 0).apply(input));
  const toImages = [dense(hidden, "relu", 2), dense(units, "tanh", 3)];
  const apply = (from: Layers.SymbolicTensor) =>
    toImages.reduce((tensor, layer) => layer.apply(tensor) as Layers.SymbolicTensor, from);
  const codeInput = layers.input({ shape: [code] });
  return {
    whole: layers.model({ inputs: input, outputs: apply(codes as Layers.SymbolicTensor) }),
    encoder: layers.model({ inputs: input, outputs: codes as Layers.SymbolicTensor }),
    decoder: layers.model({ inputs: codeInput, outputs: apply(codeInput) }),
    optimizer: tf.train.adam(plan.rate),
  };
}

type LayersNetwork = ReturnType<typeof build>;

/** Frees all weights; the two halves only borrow those of the whole. */
const dispose = ({ whole }: LayersNetwork): void => void whole.dispose();

/** Parts of an array with the shapes of some tensors, as tensors. */
function tensorsOf(
  { tf }: TensorFlow,
  shapes: readonly Pick<Core.Tensor, "shape" | "size">[],
  values: Float32Array,
): Core.Tensor[] {
  let start = 0;
  return shapes.map(({ shape, size }) => {
    start += size;
    return tf.tensor(values.slice(start - size, start), shape);
  });
}

/** The values of some tensors, one after another. */
function valuesOf(tensors: readonly Core.Tensor[]): Float32Array {
  const values = new Float32Array(tensors.reduce((sum, { size }) => sum + size, 0));
  let start = 0;
  for (const tensor of tensors) {
    values.set(tensor.dataSync(), start);
    start += tensor.size;
  }
  return values;
}

function putWeights(tensorFlow: TensorFlow, { whole }: LayersNetwork, values: Float32Array): void {
  tensorFlow.tf.tidy(() => {
    whole.setWeights(tensorsOf(tensorFlow, whole.getWeights(), values));
  });
}

/**
 * Trains through some epochs.
 *
 * @param images u = 2p − 1, shape [count][N]
 * @param from what an earlier call returned, or nothing where training begins
 * @param epochs the first epoch, from 0, and the one after the last
 * @param onEpoch called after each epoch with the number of epochs and the mean loss; may throw to stop
 */
export async function trainAutoencoder(
  tensorFlow: TensorFlow,
  plan: AutoencoderPlan,
  images: Float32Array,
  from: AutoencoderState | undefined,
  epochs: readonly [first: number, end: number],
  onEpoch: (done: number, loss: number) => void,
): Promise<AutoencoderState> {
  const { tf } = tensorFlow;
  const { units, batch, seed } = plan;
  const network = build(tensorFlow, plan);
  const { whole, optimizer } = network;
  try {
    whole.compile({ optimizer, loss: "meanSquaredError" });
    if (from) {
      putWeights(tensorFlow, network, from.weights);
      const shapes = [...whole.getWeights(), ...whole.getWeights()];
      const moments = tensorsOf(tensorFlow, shapes, from.moments);
      await optimizer.setWeights([
        { name: "iter", tensor: tf.scalar(from.steps[0]!, "int32") },
        ...moments.map((tensor, at) => ({ name: `${at}`, tensor })),
      ]);
    }
    const count = images.length / units;
    const perEpoch = Math.ceil(count / batch);
    const order = batchOrder(seed, count, Math.min(batch, count));
    const rows = new Float32Array(Math.min(batch, count) * units);
    let loss = 0;
    for (let epoch = epochs[0]; epoch < epochs[1]; epoch++) {
      loss = 0;
      for (let at = 1; at <= perEpoch; at++) {
        order(epoch * perEpoch + at).forEach((index, row) => {
          rows.set(images.subarray(index * units, (index + 1) * units), row * units);
        });
        const tensor = tf.tensor2d(rows, [rows.length / units, units]);
        loss += ((await whole.trainOnBatch(tensor, tensor)) as number) / perEpoch;
        tensor.dispose();
      }
      onEpoch(epoch + 1, loss);
    }
    const [steps, ...moments] = await optimizer.getWeights();
    return {
      weights: valuesOf(whole.getWeights() as Core.Tensor[]),
      moments: valuesOf(moments.map(({ tensor }) => tensor)),
      steps: Int32Array.from(steps!.tensor.dataSync()),
      loss: Float64Array.of(loss),
    };
  } finally {
    dispose(network);
  }
}

/** The autoencoder that `trainAutoencoder` returned. */
export function openAutoencoder(
  tensorFlow: TensorFlow,
  plan: AutoencoderPlan,
  { weights }: AutoencoderState,
): Autoencoder {
  const { tf } = tensorFlow;
  const network = build(tensorFlow, plan);
  putWeights(tensorFlow, network, weights);
  const through = (model: LayersNetwork["whole"], width: number) => (values: Float32Array) =>
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
