// What a number is, is said beside it: which numbers of a view have no question mark.
import type { Page } from "playwright-core";

/** The numbers that are shown in the view and stand beside no question mark, as they are read. */
export const unexplained = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    /** What a question mark speaks of: the paragraph that it stands in, or, in a heading, all below that. */
    const spokenOf = (mark: Element): Element => {
      let place = mark.parentElement!;
      while (place.tagName === "SPAN") place = place.parentElement!;
      return place.matches("h2, h3, legend, dt, header, .title, .head")
        ? place.parentElement!
        : place;
    };
    const explained = [...document.querySelectorAll("#view .help")].map(spokenOf);
    return [...document.querySelectorAll("#view :is(.number, input[type=number])")]
      .filter((number) => number.checkVisibility())
      .filter((number) => !explained.some((place) => place.contains(number)))
      .map((number) => `${number.parentElement?.className}: ${number.textContent}`);
  });
