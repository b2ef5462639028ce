// What differs between Node and browsers: where WebGPU comes from.

/** A way to graphics processors. */
export interface Platform {
  /**
   * WebGPU's entry point.
   *
   * @throws unavailable
   */
  findGpu(): Promise<GPU>;
  /** What to do where WebGPU is there but finds no adapter. */
  readonly adapterRemedy: string;
}
