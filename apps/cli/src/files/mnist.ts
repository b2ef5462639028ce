// Where MNIST is that comes with the command line.
import { mnistFolder } from "@neural-langevin/mnist";

/** The folder of the files that the data "mnist" stands for, as the readers of data take it. */
export const mnistPlace = (): { readonly mnist: string } => ({ mnist: mnistFolder() });
