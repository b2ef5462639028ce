// Where the images are that have names: MNIST comes with the command line, Fashion-MNIST may be installed.
import type { ImagePlaces } from "@neural-langevin/experiments/node";
import { mnistFolder } from "@neural-langevin/mnist";

/** The folder of the files that the data "mnist" stands for, as the readers of data take it. */
export const mnistPlace = (): { readonly mnist: string } => ({ mnist: mnistFolder() });

/** Where Debian's package dataset-fashion-mnist puts Fashion-MNIST. */
const FASHION_MNIST = "/usr/share/datasets/fashion-mnist";

/** The folders of all named images; the variable NLM_FASHION_MNIST names another one. */
export const imagePlaces = (): ImagePlaces => ({
  ...mnistPlace(),
  fashionMnist: process.env.NLM_FASHION_MNIST || FASHION_MNIST,
});
