// What is known about a trained machine.
import type { GivenSettings, LearnedData } from "@neural-langevin/runs";

/** A measured value and its standard error, which is that of the images drawn from this one machine. */
export interface MeasuredValue {
  /** In the unit that its name says. */
  readonly value: number;
  /** In the same unit. */
  readonly standardError: number;
}

/** How a machine was made, and what was measured of it as it is shipped, after its couplings were rounded. */
export interface MachineCard {
  /** What `readMachine` takes. */
  readonly name: string;
  /** What it learned, in a few words. */
  readonly description: string;
  /** What its labels are called, in the order of its label units; undefined where it has none. */
  readonly labels?: readonly string[] | undefined;
  /** Size of its images in pixels. */
  readonly image: { readonly width: number; readonly height: number };
  /** The settings of its training; the others are the defaults. */
  readonly settings: GivenSettings;
  /** The command that makes it again, bit for bit on the same kind of device. */
  readonly command: string;
  /** What trained it. */
  readonly device: string;
  /** Floating-point operations of its training. */
  readonly trainingFlop: number;
  /** Bytes of its file. */
  readonly bytes: number;
  /** SHA-256 of these bytes, in hexadecimal. */
  readonly sha256: string;
  /** Which data it learned. */
  readonly learned: LearnedData;
  /** By what each one is called. */
  readonly measures: Readonly<Record<string, MeasuredValue>>;
}
