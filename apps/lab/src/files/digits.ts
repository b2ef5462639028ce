// The real digits that come with the lab, as tools/make-digits.mjs packs them.
import { type ImageSet, parseIdx, pickImages } from "@neural-langevin/datasets";
import { HELD_OUT_PER_DIGIT } from "../../tools/digits.mjs";
import address from "../assets/digits.bin?url";
import { fetched } from "./fetched.js";
import { unzipped } from "./unzipped.js";

/** Real digits, split as MNIST splits them. */
export interface Digits {
  readonly training: ImageSet;
  readonly heldOut: ImageSet;
}

let loading: Promise<Digits> | undefined;

/** Loads the digits, once; if that fails, the next call tries again. Throws unavailable. */
export function loadDigits(): Promise<Digits> {
  loading ??= fetchDigits().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function fetchDigits(): Promise<Digits> {
  const bytes = await unzipped(await fetched(address, "The real digits"));
  const { shape, values } = parseIdx(bytes, "digits.bin");
  const [count = 0, height = 0, width = 0] = shape;
  const labels = Uint8Array.from({ length: count }, (_, place) => place % 10);
  const all: ImageSet = { width, height, count, pixels: values, labels, source: "MNIST" };
  const places = Array.from({ length: count }, (_, place) => place);
  return {
    heldOut: pickImages(all, places.slice(0, 10 * HELD_OUT_PER_DIGIT)),
    training: pickImages(all, places.slice(10 * HELD_OUT_PER_DIGIT)),
  };
}

/** The images of some labels. */
export function withLabels(set: ImageSet, labels: readonly number[]): ImageSet {
  const places = [...(set.labels ?? [])].flatMap((label, place) =>
    labels.includes(label) ? [place] : [],
  );
  return pickImages(set, places);
}
