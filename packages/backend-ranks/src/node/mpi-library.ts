// The library of MPI on this machine, called through koffi. Open MPI and MPICH (with Intel MPI and others that keep its
// binary interface) have the same functions; what stands for a communicator or a type, and where a status has its
// fields, is different.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { LangevinError } from "@neural-langevin/core";
import type { RankPlace } from "./environment.js";
import { type LastWords, startInTime } from "./start-guard.js";

type Koffi = typeof import("koffi").default;
type Loaded = ReturnType<Koffi["load"]>;

/** A request that is under way. */
export type MpiRequest = BigInt64Array;

/** The calls that a link needs. Buffers must not move or be freed before their request is done. */
export interface Mpi {
  /** For example "Open MPI 4.1.4". */
  readonly label: string;
  readonly rank: number;
  readonly size: number;
  send(bytes: Uint8Array, to: number, tag: number): MpiRequest;
  receive(bytes: Uint8Array, from: number, tag: number): MpiRequest;
  isDone(request: MpiRequest): boolean;
  /** The next message that nobody receives yet, if one has come. */
  probe(): { readonly from: number; readonly tag: number; readonly length: number } | undefined;
  finalize(): void;
  abort(code: number): void;
}

const here = import.meta.url ? fileURLToPath(import.meta.url) : process.cwd();
const find = createRequire(here);

/** Names of libraries, by the launcher that belongs to them. */
const openMpiFiles = ["libmpi.so.40", "libmpi.40.dylib", "libmpi.so.80"];
const mpichFiles = ["libmpich.so.12", "libmpi.so.12", "libmpi.12.dylib"];

/**
 * Loads the library of MPI and starts it; a process starts it once.
 *
 * @param place what the launcher's variables say; its library is looked for first
 * @param file of the library, where it is named
 * @param patience seconds that ranks wait for each other
 * @param lastWords what is written where they do not come in time
 * @throws unavailable
 */
export function startMpi(
  place: Partial<RankPlace>,
  file: string | undefined,
  patience: number,
  lastWords: (error: LangevinError) => LastWords,
): Mpi {
  const unavailable = (reason: string, remedy: string) =>
    new LangevinError("unavailable", `MPI cannot be used here: ${reason}.`, remedy);
  let koffi: Koffi;
  try {
    koffi = find("koffi");
  } catch (error) {
    throw unavailable(
      `the package koffi cannot be loaded (${(error as Error).message.split("\n")[0]})`,
      "Install koffi, or let the ranks meet by TCP.",
    );
  }
  // UCX, on which MPICH and others build, watches memory for its cache of registrations. When it starts, it tries that by
  // moving the end of the heap to and fro without malloc's lock, and takes a page from a thread that allocates just then.
  process.env.UCX_MEM_EVENTS ??= "n";
  const named = file ?? process.env.NLM_MPI;
  const known =
    place.launcher === "MPICH"
      ? [...mpichFiles, ...openMpiFiles]
      : [...openMpiFiles, ...mpichFiles];
  const reasons: string[] = [];
  let library: Loaded | undefined;
  for (const name of named ? [named] : known) {
    try {
      // Parts of Open MPI look for its functions among those that every library sees.
      library = koffi.load(name, { global: true });
      break;
    } catch (error) {
      reasons.push(`${name} cannot be loaded (${(error as Error).message.trim()})`);
    }
  }
  if (library) {
    return start(koffi, library, (init) => startInTime(init, place, patience, lastWords));
  }
  throw unavailable(
    named
      ? reasons[0]!
      : `neither ${openMpiFiles[0]} nor ${mpichFiles.slice(0, 2).join(" nor ")} can be loaded`,
    "Install Open MPI or MPICH, name its library by NLM_MPI, or let the ranks meet by TCP.",
  );
}

/** What differs between the binary interfaces. */
interface Interface {
  /** The C type of a handle. */
  readonly handle: "uintptr_t" | "int";
  readonly world: bigint | number;
  readonly byte: bigint | number;
  readonly anySource: number;
  /** Where a status has the source, in 32-bit words; the tag is next. */
  readonly source: number;
}

function interfaceOf(koffi: Koffi, library: Loaded): Interface {
  const address = (name: string) => BigInt(koffi.address(library.symbol(name, "void")));
  try {
    return {
      handle: "uintptr_t",
      world: address("ompi_mpi_comm_world"),
      byte: address("ompi_mpi_byte"),
      anySource: -1,
      source: 0,
    };
  } catch {
    return { handle: "int", world: 0x44000000, byte: 0x4c00010d, anySource: -2, source: 2 };
  }
}

function start(koffi: Koffi, library: Loaded, inTime: (init: () => void) => void): Mpi {
  const { handle, world, byte, anySource, source } = interfaceOf(koffi, library);
  const call = (name: string, parameters: string[]) => {
    const run = library.func(name, "int", parameters);
    return (...values: unknown[]) => {
      const code = run(...values) as number;
      if (code !== 0) throw new LangevinError("device-failed", `${name} failed with ${code}.`);
    };
  };
  const init = call("MPI_Init", ["void *", "void *"]);
  const version = call("MPI_Get_library_version", ["void *", "void *"]);
  const commRank = call("MPI_Comm_rank", [handle, "void *"]);
  const commSize = call("MPI_Comm_size", [handle, "void *"]);
  const message = ["void *", "int", handle, "int", "int", handle, "void *"];
  const [isend, irecv] = [call("MPI_Isend", message), call("MPI_Irecv", message)];
  const test = call("MPI_Test", ["void *", "void *", "void *"]);
  const iprobe = call("MPI_Iprobe", ["int", "int", handle, "void *", "void *"]);
  const getCount = call("MPI_Get_count", ["void *", handle, "void *"]);
  const finalize = call("MPI_Finalize", []);
  const abort = call("MPI_Abort", [handle, "int"]);

  const [flag, count] = [new Int32Array(32), new Int32Array(32)];
  const status = new Int32Array(32);
  const text = Buffer.alloc(8192);
  inTime(() => init(null, null));
  commRank(world, flag);
  commSize(world, count);
  const [rank, size] = [flag[0]!, count[0]!];
  version(text, count);
  return {
    label: labelOf(text.toString("utf8", 0, count[0])),
    rank,
    size,
    send(bytes, to, tag) {
      const request = new BigInt64Array(16);
      isend(bytes, bytes.length, byte, to, tag, world, request);
      return request;
    },
    receive(bytes, from, tag) {
      const request = new BigInt64Array(16);
      irecv(bytes, bytes.length, byte, from, tag, world, request);
      return request;
    },
    isDone(request) {
      test(request, flag, status);
      return flag[0] !== 0;
    },
    probe() {
      iprobe(anySource, -1, world, flag, status);
      if (flag[0] === 0) return undefined;
      getCount(status, byte, count);
      return { from: status[source]!, tag: status[source + 1]!, length: count[0]! };
    },
    finalize: () => finalize(),
    abort: (code) => abort(world, code),
  };
}

/** "Open MPI v4.1.4, package: …" and "MPICH Version:	4.0.2 …" as a name and a number. */
function labelOf(text: string): string {
  const [, name, number] = /^([A-Za-z() -]*?MPI(?:CH)?)[^0-9]*([0-9][0-9.]*)/.exec(text) ?? [];
  return name ? `${name} ${number}` : text.split("\n")[0]!.slice(0, 60);
}
