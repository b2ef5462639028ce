// Which build of the kernel runs here: relaxed multiply-add where the engine has it, plain SIMD
// elsewhere. WebAssembly itself says which of them it accepts.
import { LangevinError } from "@neural-langevin/core";
import { builds } from "./kernel.generated.js";

/** A build of the kernel: with multiply-add in one rounding, or in two. */
export type BuildName = keyof typeof builds;

/** A compiled build. */
export interface Build {
  readonly name: BuildName;
  readonly module: WebAssembly.Module;
}

const decode = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** Compiles what is valid; what keeps it from being compiled is a policy. */
async function compile(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw new LangevinError(
      "unavailable",
      `WebAssembly may not be compiled here: ${(error as Error).message.replace(/\.+$/, "")}.`,
      "Allow 'wasm-unsafe-eval' in script-src of the page's content security policy.",
      { cause: error },
    );
  }
}

/**
 * Compiles the named build, or the fastest that this engine accepts.
 *
 * @param shared whether several threads share the memory
 * @throws unavailable when WebAssembly, its SIMD or the named build is missing here or a page's policy forbids it
 */
export async function compileWasm(shared: boolean, wanted?: BuildName): Promise<Build> {
  if (typeof WebAssembly === "undefined") {
    throw new LangevinError(
      "unavailable",
      "WebAssembly is missing here.",
      "Run Node without --jitless, use another browser, or the reference backend.",
    );
  }
  const names: BuildName[] = wanted ? [wanted] : ["relaxed", "plain"];
  for (const name of names) {
    const bytes = decode(builds[name][shared ? "shared" : "unshared"]);
    if (WebAssembly.validate(bytes)) return { name, module: await compile(bytes) };
  }
  throw new LangevinError(
    "unavailable",
    wanted === "relaxed"
      ? "WebAssembly relaxed SIMD is missing here."
      : "WebAssembly SIMD is missing here.",
    "Use a newer browser or Node, or the reference backend.",
  );
}
