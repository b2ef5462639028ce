// Whether the page is dark, for what is drawn on a canvas and so must be drawn anew when that changes.
const dark = matchMedia("(prefers-color-scheme: dark)");

class Theme {
  dark = $state(dark.matches);
  /** The colours that were asked for, which are read again in the other theme: reading takes longer than drawing. */
  readonly #known = $derived.by(() => {
    this.dark;
    return new Map<string, [number, number, number]>();
  });

  constructor() {
    dark.addEventListener("change", () => {
      this.dark = dark.matches;
    });
  }

  /** The value of a colour of look.css, as red, green and blue. */
  colour(name: string): [number, number, number] {
    const known = this.#known.get(name);
    if (known) return known;
    const value = getComputedStyle(document.documentElement).getPropertyValue(name);
    const [r = 0, g = 0, b = 0] = (value.match(/[\d.]+/g) ?? []).map(Number);
    this.#known.set(name, [r, g, b]);
    return [r, g, b];
  }
}

export const theme = new Theme();
