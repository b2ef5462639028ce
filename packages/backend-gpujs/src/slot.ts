// One matrix of a session. What was written stays on the host as well until a kernel replaces it: so it is read back
// bit for bit, although graphics devices may flush the smallest numbers, and it moves to the device only if needed.
import type { Device, Kernel, Matrix, Shape } from "./device.js";

export class MatrixSlot {
  readonly shape: Shape;
  readonly #device: Device;
  readonly #copy: () => Kernel;
  #written: Float32Array | undefined;
  #matrix: Matrix | undefined;

  /** @param copy the kernel that moves values of this shape to the device */
  constructor(device: Device, shape: Shape, copy: () => Kernel) {
    this.#device = device;
    this.shape = shape;
    this.#copy = copy;
  }

  /** Takes values over; what is missing at the end is 0. */
  write(values: Float32Array): void {
    const length = this.shape.columns * this.shape.rows;
    let whole = values;
    if (values.length < length) {
      whole = new Float32Array(length);
      whole.set(values);
    }
    this.drop();
    this.#written = whole;
  }

  /** A copy of the values. */
  read(): Float32Array {
    if (this.#written) return this.#written.slice();
    if (this.#matrix) return this.#device.download(this.#matrix, this.shape);
    return new Float32Array(this.shape.columns * this.shape.rows);
  }

  /** The matrix on the device; the slot keeps it. */
  get matrix(): Matrix {
    if (this.#matrix) return this.#matrix;
    const values = this.#written ?? new Float32Array(this.shape.columns * this.shape.rows);
    const rows = rowsOf(values, this.shape);
    this.#matrix = this.#device.hasTextures ? this.#copy().run(rows) : rows;
    return this.#matrix;
  }

  /** Replaces the matrix by one that a kernel made. */
  set matrix(matrix: Matrix) {
    this.drop();
    this.#matrix = matrix;
  }

  /** Frees the matrix; the values are 0 again. */
  drop(): void {
    if (this.#matrix) this.#device.release(this.#matrix);
    this.#matrix = undefined;
    this.#written = undefined;
  }
}

/** Views of the rows of a matrix. */
export const rowsOf = (values: Float32Array, { columns, rows }: Shape): Float32Array[] =>
  Array.from({ length: rows }, (_, row) => values.subarray(row * columns, (row + 1) * columns));
