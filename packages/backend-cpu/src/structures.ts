// The structures that the kernel is called with, in the memory that it sees. What they hold is declared in
// kernel/structures.h, and the compiler said where.
import { structures } from "./kernel.generated.js";

/** A session's memory as one of its workers sees it. */
export interface SessionMemory {
  readonly buffer: ArrayBufferLike;
  /** The byte of the buffer that the layout begins at. */
  readonly offset: number;
  /** The address that the kernel knows this byte by. */
  readonly base: number;
  /** Bytes of an address. */
  readonly addressBytes: 4 | 8;
  /** The byte of the buffer where workers that share chains meet: `Meeting` of kernel/structures.h. */
  readonly meeting: number;
}

type Structures = typeof structures;
type Place = readonly [type: string, narrow: number, wide: number];

/** The fields of a structure, and those that are addresses. */
export type Field<Name extends keyof Structures> = keyof Structures[Name]["fields"] & string;
export type AddressField<Name extends keyof Structures> = {
  [F in Field<Name>]: Structures[Name]["fields"][F] extends readonly ["address", ...unknown[]]
    ? F
    : never;
}[Field<Name>];

/** Bytes of a structure at most. */
export const bytesOf = (name: keyof Structures): number => structures[name].size[1];

/** A structure of the kernel at a place of its own in a session's memory. */
export class Structure<Name extends keyof Structures> {
  /** The address that the kernel knows it by. */
  readonly address: number;
  readonly #view: DataView;
  readonly #wide: boolean;
  readonly #fields: readonly [Field<Name>, Place][];

  /** @param at the byte that it begins at, counted from where the layout does */
  constructor(name: Name, memory: SessionMemory, at: number) {
    this.address = memory.base + at;
    this.#view = new DataView(memory.buffer, memory.offset + at);
    this.#wide = memory.addressBytes === 8;
    this.#fields = Object.entries(structures[name].fields) as [Field<Name>, Place][];
  }

  /** Writes all fields; those that are not named become 0. */
  write(values: Readonly<Partial<Record<Field<Name>, number>>>): void {
    const view = this.#view;
    for (const [field, [type, narrow, wide]] of this.#fields) {
      const value = values[field] ?? 0;
      const at = this.#wide ? wide : narrow;
      if (type === "float") view.setFloat32(at, value, true);
      else if (type === "uint64_t" || (type === "address" && this.#wide)) {
        view.setBigUint64(at, BigInt(value), true);
      } else view.setUint32(at, value, true);
    }
  }
}
