// Who is silent is lost, unless nobody could hear it.
import { expect, it } from "vitest";
import { Pulse } from "../src/pulse.js";

const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

/** A rank of three, the signs of life that it sends, and whom it takes for lost. */
function watching(rank: number, patience: number) {
  const beats: number[] = [];
  const lost: [rank: number, sentence: string][] = [];
  const beat = (to: number) => void beats.push(to);
  const onSilent = (one: number, { message }: Error) => void lost.push([one, message]);
  return { beats, lost, pulse: new Pulse({ rank, size: 3, patience, beat, onSilent }) };
}

it("rank 0 names the first rank of which it hears nothing, once", async () => {
  const { beats, lost, pulse } = watching(0, 0.2);
  const hearing = setInterval(() => pulse.heard(1), 20);
  await sleep(1);
  clearInterval(hearing);
  expect(lost).toEqual([[2, "Rank 2 has not been heard of for 0.2 seconds."]]);
  expect(new Set(beats)).toEqual(new Set([1, 2]));
});

it("another rank watches rank 0 alone, and for ten times as long", async () => {
  const { beats, lost, pulse } = watching(2, 0.1);
  await sleep(0.6);
  expect(lost).toEqual([]);
  await sleep(1.4);
  expect(lost).toEqual([[0, "Rank 0 has not been heard of for 1 seconds."]]);
  expect(new Set(beats)).toEqual(new Set([0]));
  pulse.stop();
});

it("time in which a rank stood still itself does not count", async () => {
  const { lost, pulse } = watching(0, 0.4);
  const until = performance.now() + 1500;
  while (performance.now() < until);
  // What came meanwhile is heard before the next look.
  await sleep(0.05);
  for (const rank of [1, 2]) pulse.heard(rank);
  await sleep(0.2);
  expect(lost).toEqual([]);
  pulse.stop();
});
