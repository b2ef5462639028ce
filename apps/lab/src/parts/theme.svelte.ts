// Whether the page is dark, for what is drawn on a canvas and so must be drawn anew when that changes.
const dark = matchMedia("(prefers-color-scheme: dark)");

class Theme {
  dark = $state(dark.matches);

  constructor() {
    dark.addEventListener("change", () => {
      this.dark = dark.matches;
    });
  }

  /** The value of a colour of look.css, as red, green and blue. */
  colour(name: string): [number, number, number] {
    // Whoever draws with it draws anew in the other theme.
    this.dark;
    const value = getComputedStyle(document.documentElement).getPropertyValue(name);
    const [r = 0, g = 0, b = 0] = (value.match(/[\d.]+/g) ?? []).map(Number);
    return [r, g, b];
  }
}

export const theme = new Theme();
