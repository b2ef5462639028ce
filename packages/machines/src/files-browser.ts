// The files of machines, where a bundler or a server provides them. A bundler finds a file only if its whole address is
// written in the source.
import { LangevinError } from "@neural-langevin/core";

const addresses: Readonly<Record<string, URL>> = {
  "ten-digits": new URL("../machines/ten-digits.bin", import.meta.url),
  "three-digits": new URL("../machines/three-digits.bin", import.meta.url),
  fashion: new URL("../machines/fashion.bin", import.meta.url),
  letters: new URL("../machines/letters.bin", import.meta.url),
};

export async function readMachineFile(name: string): Promise<Uint8Array> {
  const address = addresses[name]!;
  const response = await fetch(address).catch((error: Error) => {
    throw new LangevinError(
      "unavailable",
      `The file of the machine ${name} could not be fetched from ${address}: ${error.message}.`,
      "Try again when there is a network.",
    );
  });
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  throw new LangevinError(
    "not-found",
    `The file of the machine ${name} could not be fetched: ${address} answers ${response.status}.`,
    "Let the bundler copy it, or serve the folder machines of this package beside its folder dist.",
  );
}
