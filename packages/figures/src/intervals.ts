// Values with their errors side by side: a row for each thing that is compared, a panel for each measure.
import { LangevinError } from "@neural-langevin/core";
import { drawAxes, type Frame, scaleOver, spread } from "./axes.js";
import { numbersElement } from "./numbers.js";
import { colours, label, round, svgDocument } from "./svg.js";

/** A value and what is added to it and taken from it for its bar; no bar where that is not finite. */
interface Interval {
  readonly value: number;
  readonly standardError: number;
}

/** One measure of everything that is compared. */
export interface IntervalPanel {
  /** Above the panel. */
  readonly title: string;
  /** One for each name; a value that is not finite is left out. */
  readonly estimates: readonly Interval[];
}

const WIDTH = 720;
const SPACE = { right: 24, top: 40, bottom: 44, row: 22, letter: 7.2 };

/**
 * Draws values as dots with bars of one standard error to both sides, as one SVG document.
 *
 * @param figure.names what is compared, one row each
 * @throws invalid-value when a panel has nothing to draw, wrong-length when it does not have an estimate for each name
 */
export function intervals(figure: {
  readonly names: readonly string[];
  readonly panels: readonly IntervalPanel[];
}): string {
  const { names, panels } = figure;
  const longest = names.reduce((most, { length }) => Math.max(most, length), 0);
  const left = Math.min(WIDTH / 2, Math.ceil(24 + SPACE.letter * longest));
  const height = SPACE.top + SPACE.row * names.length + SPACE.bottom;
  const content = panels.map((panel, at) => {
    const frame: Frame = {
      left,
      right: WIDTH - SPACE.right,
      top: SPACE.top,
      bottom: height - SPACE.bottom,
    };
    return `<g transform="translate(0 ${at * height})">${drawPanel(names, panel, frame).join("\n")}</g>`;
  });
  const numbers = panels.flatMap(({ title, estimates }) =>
    estimates.map(({ value, standardError }, at) => ({
      plot: title,
      name: names[at],
      value,
      standardError,
    })),
  );
  return svgDocument(WIDTH, height * panels.length, [numbersElement(numbers), ...content]);
}

function drawPanel(
  names: readonly string[],
  { title, estimates }: IntervalPanel,
  frame: Frame,
): string[] {
  if (estimates.length !== names.length) {
    throw new LangevinError(
      "wrong-length",
      `The plot "${title}" has ${estimates.length} values for ${names.length} names.`,
    );
  }
  const ends = estimates.map(({ value, standardError }) =>
    Number.isFinite(standardError)
      ? [value - standardError, value + standardError]
      : [value, value],
  );
  const drawn = ends.flat().filter(Number.isFinite);
  if (drawn.length === 0) {
    throw new LangevinError("invalid-value", `The plot "${title}" has no point to draw.`);
  }
  const x = scaleOver(spread(drawn), [frame.left + 8, frame.right]).nice();
  // Rows have names in place of numbers.
  const y = scaleOver([0, names.length], [frame.top, frame.bottom]);
  const noNumbers = Object.assign(y.copy(), { ticks: () => [] });
  const parts = drawAxes(frame, { x, y: noNumbers, title, xTitle: "", xLines: true });
  names.forEach((name, row) => {
    const height = round(y(row + 0.5));
    parts.push(label(frame.left - 8, height + 4, name, { size: 11, anchor: "end" }));
    const [low, high] = ends[row]!.map((end) => round(x(end)));
    const { value } = estimates[row]!;
    if (!Number.isFinite(value)) return;
    const ink = `stroke="${colours[0]}" stroke-width="1.8"`;
    parts.push(
      `<path d="M${low},${height}H${high}M${low},${height - 4}v8M${high},${height - 4}v8" ${ink} fill="none"/>`,
      `<circle cx="${round(x(value))}" cy="${height}" r="3.5" fill="${colours[0]}"/>`,
    );
  });
  return parts;
}
