// A rectangle with two axes: scales, ticks and titles, which every plot shares.
import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from "d3-scale";
import { label, quiet, round, rule } from "./svg.js";

/** Where a plot lies in its document. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export type Scale = ScaleContinuousNumeric<number, number>;

/** A scale over values onto a stretch of the page. */
export const scaleOver = (
  domain: readonly [number, number],
  range: readonly [number, number],
  logarithmic = false,
): Scale => (logarithmic ? scaleLog() : scaleLinear()).domain(domain).range(range);

/** The range of some values, widened where it would be empty. */
export function spread(values: readonly number[], logarithmic = false): [number, number] {
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (least < most) return [least, most];
  return logarithmic ? [least / 2, most * 2] : [least - 1, most + 1];
}

/** Lines and numbers of both axes, with their titles. */
export function drawAxes(
  { left, right, top, bottom }: Frame,
  axes: { x: Scale; y: Scale; title: string; xTitle: string; yTitle?: string; xLines?: boolean },
): string[] {
  const { x, y, title, xTitle, yTitle, xLines = false } = axes;
  const parts = [label(left, top - (yTitle ? 26 : 16), title, { size: 13, bold: true })];
  if (yTitle) parts.push(label(left, top - 8, yTitle, { size: 11, fill: quiet }));
  for (const tick of tidyTicks(y, 5)) {
    const at = round(y(tick));
    parts.push(
      `<line x1="${left}" x2="${right}" y1="${at}" y2="${at}" stroke="${rule}"/>`,
      label(left - 8, at + 4, tickText(tick), { size: 11, fill: quiet, anchor: "end" }),
    );
  }
  for (const tick of tidyTicks(x, Math.max(3, Math.round((right - left) / 90)))) {
    const at = round(x(tick));
    if (xLines) {
      parts.push(`<line x1="${at}" x2="${at}" y1="${top}" y2="${bottom}" stroke="${rule}"/>`);
    }
    parts.push(label(at, bottom + 18, tickText(tick), { size: 11, fill: quiet, anchor: "middle" }));
  }
  parts.push(label(right, bottom + 36, xTitle, { size: 11, fill: quiet, anchor: "end" }));
  return parts;
}

/** A handful of ticks; a logarithmic scale offers one for every digit. */
function tidyTicks(scale: Scale, count: number): readonly number[] {
  const ticks = scale.ticks(count);
  if (ticks.length <= 8) return ticks;
  if (!("base" in scale)) return ticks.filter((_, at) => at % 2 === 0);
  const leading = (tick: number) => Math.round(tick / 10 ** Math.floor(Math.log10(tick) + 1e-9));
  const powers = ticks.filter((tick) => leading(tick) === 1);
  if (powers.length > 8) return powers.filter((_, at) => at % Math.ceil(powers.length / 8) === 0);
  if (powers.length >= 4) return powers;
  return ticks.filter((tick) => [1, 2, 5].includes(leading(tick)));
}

function tickText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-3)) return value.toExponential(0).replace("e+", "e");
  return value.toLocaleString("en-GB", { maximumFractionDigits: 4 });
}
