// Which native library a session takes; apart from native.ts, which only Node can load.
import type { NativeLibrary } from "./native.js";

/** The cheapest library for so many chains: whole panels, as evenly as threads share them. */
export function chooseLibrary(
  libraries: readonly NativeLibrary[],
  chains: number,
  threads: number,
): NativeLibrary {
  const cost = ({ panelLanes }: NativeLibrary) => {
    const panels = Math.ceil(Math.ceil(chains / panelLanes) / threads);
    // Wider tiles spend less of their time on loads.
    return panels * panelLanes * (1 + 2 / panelLanes);
  };
  return libraries.reduce((best, one) => (cost(one) < cost(best) ? one : best));
}
