// Curves over a common axis, in plots one above another.
import { LangevinError } from "@neural-langevin/core";
import { scaleLinear, scaleLog } from "d3-scale";
import { area, line } from "d3-shape";
import { colours, label, quiet, round, rule, svgDocument } from "./svg.js";

/** One curve. Points that are not finite are left out and break the line. */
export interface Series {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** A band around the curve, such as two standard errors; both sides or none. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
  /** Dashes for a line that is no measurement, such as an expected value. */
  readonly dashed?: boolean;
}

/** Curves that share their axes. */
export interface Plot {
  /** What the y axis counts; stands above the plot. */
  readonly title: string;
  readonly series: readonly Series[];
  /** A logarithmic y axis; linear unless given. */
  readonly logarithmic?: boolean;
}

const SIZE = { width: 720, height: 240 };
const SPACE = { left: 64, right: 128, top: 40, bottom: 44 };

/**
 * Draws plots one above another, as one SVG document.
 *
 * A point without neighbours is drawn as a dot.
 *
 * @param figure.xTitle what the x axis counts
 * @param figure.xLogarithmic a logarithmic x axis; linear unless given
 * @throws invalid-value when a plot has no point to draw, wrong-length when x and y differ in length
 */
export function curves(figure: {
  xTitle: string;
  xLogarithmic?: boolean;
  plots: readonly Plot[];
}): string {
  const content = figure.plots.map((plot, index) => {
    const moved = `<g transform="translate(0 ${index * SIZE.height})">`;
    return `${moved}${drawPlot(plot, figure.xTitle, figure.xLogarithmic ?? false).join("\n")}</g>`;
  });
  return svgDocument(SIZE.width, SIZE.height * figure.plots.length, content);
}

function drawPlot(plot: Plot, xTitle: string, xLogarithmic: boolean): string[] {
  const series = plot.series.map((one) => ({
    name: one.name,
    dashed: one.dashed ?? false,
    points: toPoints(one, one.y, plot, xLogarithmic),
    low: one.low && toPoints(one, one.low, plot, xLogarithmic),
    high: one.high && toPoints(one, one.high, plot, xLogarithmic),
  }));
  const drawn = series.flatMap(({ points, low = [], high = [] }) =>
    [...points, ...low, ...high].filter((point) => point !== undefined),
  );
  if (drawn.length === 0) {
    throw new LangevinError("invalid-value", `The plot "${plot.title}" has no point to draw.`);
  }
  const [right, bottom] = [SIZE.width - SPACE.right, SIZE.height - SPACE.bottom];
  const xs = drawn.map(([x]) => x);
  const ys = drawn.map(([, y]) => y);
  const x = (xLogarithmic ? scaleLog() : scaleLinear())
    .domain(spread(xs, xLogarithmic))
    .range([SPACE.left, right]);
  const scale = plot.logarithmic ? scaleLog() : scaleLinear();
  const y = scale
    .domain(spread(ys, plot.logarithmic ?? false))
    .range([bottom, SPACE.top])
    .nice();

  const parts = [label(SPACE.left, SPACE.top - 16, plot.title, { size: 13, bold: true })];
  for (const tick of tidyTicks(y.ticks(5))) {
    const at = round(y(tick));
    parts.push(
      `<line x1="${SPACE.left}" x2="${right}" y1="${at}" y2="${at}" stroke="${rule}"/>`,
      label(SPACE.left - 8, at + 4, tickText(tick), { size: 11, fill: quiet, anchor: "end" }),
    );
  }
  for (const tick of tidyTicks(x.ticks(6))) {
    const style = { size: 11, fill: quiet, anchor: "middle" } as const;
    parts.push(label(x(tick), bottom + 18, tickText(tick), style));
  }
  parts.push(label(right, bottom + 36, xTitle, { size: 11, fill: quiet, anchor: "end" }));

  const path = line<Point>(
    (point) => round(x(point![0])),
    (point) => round(y(point![1])),
  ).defined((point) => point !== undefined);
  type Side = readonly [Point, Point];
  const band = area<Side>()
    .x(([low]) => round(x(low![0])))
    .y0(([low]) => round(y(low![1])))
    .y1(([, high]) => round(y(high![1])))
    .defined(([low, high]) => low !== undefined && high !== undefined);
  series.forEach(({ name, points, low, high, dashed }, index) => {
    const colour = colours[index % colours.length]!;
    if (low && high) {
      const sides = low.map((point, place): Side => [point, high[place]]);
      parts.push(`<path d="${band(sides) ?? ""}" fill="${colour}" fill-opacity="0.18"/>`);
    }
    const d = path(points) ?? "";
    const dashes = dashed ? ' stroke-dasharray="5 4"' : "";
    parts.push(`<path d="${d}" fill="none" stroke="${colour}" stroke-width="1.8"${dashes}/>`);
    points.forEach((point, place) => {
      if (point && !points[place - 1] && !points[place + 1]) {
        parts.push(
          `<circle cx="${round(x(point[0]))}" cy="${round(y(point[1]))}" r="3" fill="${colour}"/>`,
        );
      }
    });
    // The name stands where the reader's eye would look for it: below each other, at the right.
    const key = SPACE.top + 12 + 18 * index;
    parts.push(
      `<line x1="${right + 14}" x2="${right + 30}" y1="${key - 4}" y2="${key - 4}" ` +
        `stroke="${colour}" stroke-width="2.5"${dashes}/>`,
      label(right + 36, key, name, { size: 12, fill: colour }),
    );
  });
  return parts;
}

type Point = readonly [number, number] | undefined;

/** The points of a series or of a side of its band, undefined where there is none to draw. */
function toPoints(
  { name, x }: Series,
  y: readonly number[],
  plot: Plot,
  xLogarithmic: boolean,
): Point[] {
  if (x.length !== y.length) {
    throw new LangevinError(
      "wrong-length",
      `The series "${name}" has ${x.length} values of x but ${y.length} of y.`,
    );
  }
  return x.map((value, index) => {
    const height = y[index]!;
    const fits = Number.isFinite(value) && Number.isFinite(height);
    const drawn = fits && !(plot.logarithmic && height <= 0) && !(xLogarithmic && value <= 0);
    return drawn ? ([value, height] as const) : undefined;
  });
}

/** The range of some values, widened where it would be empty. */
function spread(values: readonly number[], logarithmic: boolean): [number, number] {
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (least < most) return [least, most];
  return logarithmic ? [least / 2, most * 2] : [least - 1, most + 1];
}

/** At most eight ticks; a logarithmic scale offers one for every digit. */
function tidyTicks(ticks: readonly number[]): readonly number[] {
  if (ticks.length <= 8) return ticks;
  const powers = ticks.filter((tick) => Number.isInteger(round(Math.log10(tick))));
  return powers.length >= 2 ? powers : ticks.filter((_, index) => index % 3 === 0);
}

function tickText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-3)) return value.toExponential(0).replace("e+", "e");
  return value.toLocaleString("en-GB", { maximumFractionDigits: 4 });
}
