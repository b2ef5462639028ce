// Which links of a site lead nowhere within it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** Every link and picture of the pages in `site` that has no target there, as "page: link". */
export function brokenLinks(site) {
  const pages = readdirSync(site, { recursive: true }).filter((name) => name.endsWith(".html"));
  const texts = new Map(
    pages.map((name) => [join(site, name), readFileSync(join(site, name), "utf8")]),
  );
  const places = new Map();
  const placesOf = (file) => {
    if (!places.has(file)) {
      places.set(
        file,
        new Set([...texts.get(file).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)),
      );
    }
    return places.get(file);
  };
  const broken = new Set();
  for (const [page, text] of texts) {
    for (const [, written] of text.matchAll(/ (?:href|src)="([^"]+)"/g)) {
      const link = written.replaceAll("&amp;", "&");
      if (/^[a-z]+:/i.test(link)) continue;
      const [path, place] = link.split("#");
      const file = path ? join(dirname(page), decodeURIComponent(path)) : page;
      const found =
        place && texts.has(file) ? placesOf(file).has(decodeURIComponent(place)) : existsSync(file);
      if (!found) broken.add(`${relative(site, page)}: ${link}`);
    }
  }
  return [...broken];
}
