// The ratio of every own backend to the best peer of the same run, over B, for each N. Peers compute in float32, so what
// computes in bf16 is left out.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { curves } from "@neural-langevin/figures";
import { renderPng } from "@neural-langevin/figures/node";

/** Writes ratio.svg and ratio.png into a folder, if there was a peer to compare with. */
export async function drawRatios({ shapes }, folder) {
  const steps = shapes.filter(({ kind, bestPeer }) => kind === "steps" && bestPeer);
  const sizes = [...new Set(steps.map(({ units }) => units))];
  const plots = sizes.map((units) => {
    const rows = steps.filter((shape) => shape.units === units).sort((a, b) => a.chains - b.chains);
    const points = rows.flatMap(({ chains, results }) =>
      results
        .filter(
          ({ id, precision, toBestPeer }) =>
            toBestPeer && precision !== "bf16" && !id.endsWith(":1"),
        )
        .map(({ id, toBestPeer }) => ({ id, chains, ratio: toBestPeer.median })),
    );
    const series = [...new Set(points.map(({ id }) => id))].map((id) => {
      const own = points.filter((point) => point.id === id);
      return { name: id, x: own.map(({ chains }) => chains), y: own.map(({ ratio }) => ratio) };
    });
    return { title: `Speed over the best peer, N = ${units}`, series, logarithmic: true };
  });
  if (plots.length === 0) return;
  const svg = curves({ xTitle: "chains B", xLogarithmic: true, plots });
  writeFileSync(join(folder, "ratio.svg"), svg);
  writeFileSync(join(folder, "ratio.png"), await renderPng(svg, 2));
}
