import type { Backend } from "@neural-langevin/core";

export const inner: Readonly<Record<string, () => Promise<Backend>>>;

/** What a training gave: its reports and a hash of each slot. */
export interface Numbers {
  readonly reports: readonly (readonly number[])[];
  readonly couplings: string;
  readonly bias: string;
  readonly chains: string;
  readonly moments: string;
  readonly averages: string;
  readonly energies: string;
}

export function trainedNumbers(backend: Backend): Promise<Numbers>;
