// Numbers as the page writes them.

/** A number in at most four places, with a thousand as 1k; "–" for one that is not finite. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return plainText(value).replace(/-/g, "−");
}

function plainText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9 || (size > 0 && size < 1e-3)) return value.toExponential(0);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(4)));
}

/** A number with so many places after the point, without a sign where all are zeros; "–" for one that is not there. */
export function fixed(value: number | undefined, places: number): string {
  if (value === undefined || !Number.isFinite(value)) return "–";
  const text = value.toFixed(places);
  return /[1-9]/.test(text) ? text.replace("-", "−") : text.replace("-", "");
}

/** The same with its sign, + or −; without one where nothing but zeros is left. */
export function signed(value: number | undefined, places: number): string {
  const text = fixed(value, places);
  return text.startsWith("−") || !/[1-9]/.test(text) ? text : `+${text}`;
}
