// The ONNX graph of Langevin steps, written as protobuf by hand: the few messages that it needs are easier
// to write than a dependency is to keep.

const bytesOf = (value) =>
  typeof value === "string" ? new TextEncoder().encode(value) : new Uint8Array(value);

function varint(value) {
  const bytes = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

/** A field of bytes: text, a message or packed numbers. */
const field = (number, content) => {
  const bytes = Buffer.from(bytesOf(content));
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
};
const whole = (number, value) => Buffer.concat([varint(number << 3), varint(value)]);
const message = (...fields) => Buffer.concat(fields.flat());

const [FLOAT, INT64, BOOL] = [1, 7, 9];

/** TensorProto with raw data. */
const tensor = (name, type, sizes, data) =>
  message(
    sizes.map((size) => whole(1, size)),
    whole(2, type),
    field(8, name),
    field(9, data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)),
  );
const scalar = (name, value) => tensor(name, FLOAT, [], Float32Array.of(value));

/** ValueInfoProto. */
const value = (name, type, sizes) => {
  const shape = message(sizes.map((size) => field(1, whole(1, size))));
  return message(field(1, name), field(2, field(1, message(whole(1, type), field(2, shape)))));
};

/** NodeProto. */
const node = (operator, inputs, outputs, attributes = []) =>
  message(
    inputs.map((name) => field(1, name)),
    outputs.map((name) => field(2, name)),
    field(4, operator),
    attributes.map((attribute) => field(5, attribute)),
  );

/** GraphProto. */
const graph = (name, { nodes, constants = [], inputs, outputs }) =>
  message(
    nodes.map((one) => field(1, one)),
    field(2, name),
    constants.map((one) => field(5, one)),
    inputs.map((one) => field(11, one)),
    outputs.map((one) => field(12, one)),
  );

/** AttributeProto that holds a graph. */
const graphAttribute = (name, content) => message(field(1, name), field(6, content), whole(20, 5));

/**
 * Bytes of a model with inputs `steps` (int64) and `before` [B][N] and the output `after` [B][N], with b = 0,
 * T = 1 and dt = 0.01. Both J and Jᵀ are constants, so that the runtime can pack them.
 */
export function langevinGraph(units, chains, couplings) {
  const transposed = new Float32Array(units * units);
  for (let i = 0; i < units; i++) {
    for (let j = 0; j < units; j++) transposed[j * units + i] = couplings[i * units + j];
  }
  const states = [chains, units];
  const body = graph("step", {
    inputs: [value("number", INT64, []), value("go", BOOL, []), value("x", FLOAT, states)],
    outputs: [value("goOn", BOOL, []), value("next", FLOAT, states)],
    nodes: [
      node("Identity", ["go"], ["goOn"]),
      node("Tanh", ["x"], ["phi"]),
      node("MatMul", ["phi", "transposed"], ["h"]),
      node("Add", ["h", "bias"], ["input"]),
      node("Sub", ["input", "x"], ["v"]),
      node("MatMul", ["v", "couplings"], ["back"]),
      node("Mul", ["phi", "phi"], ["square"]),
      node("Sub", ["one", "square"], ["gain"]),
      node("Mul", ["gain", "back"], ["feedback"]),
      node("Sub", ["v", "feedback"], ["force"]),
      node("Mul", ["force", "dt"], ["drift"]),
      node("Add", ["x", "drift"], ["moved"]),
      node("RandomNormalLike", ["x"], ["xi"]),
      node("Mul", ["xi", "amplitude"], ["noise"]),
      node("Add", ["moved", "noise"], ["next"]),
    ],
  });
  const main = graph("langevin", {
    inputs: [value("steps", INT64, []), value("before", FLOAT, states)],
    outputs: [value("after", FLOAT, states)],
    constants: [
      tensor("couplings", FLOAT, [units, units], couplings),
      tensor("transposed", FLOAT, [units, units], transposed),
      tensor("bias", FLOAT, [units], new Float32Array(units)),
      scalar("one", 1),
      scalar("dt", 0.01),
      scalar("amplitude", Math.sqrt(0.02)),
    ],
    nodes: [node("Loop", ["steps", "", "before"], ["after"], [graphAttribute("body", body)])],
  });
  const operators = message(field(1, ""), whole(2, 17));
  return message(whole(1, 8), field(7, main), field(8, operators));
}
