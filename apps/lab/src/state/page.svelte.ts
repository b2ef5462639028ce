// What the page shows, before any machine is there: its view, the settings of the views, and the link that holds them.
import { Notice } from "./notice.svelte.js";
import { decodePair, defaultPair, encodePair, type PairSettings } from "./pair-settings.js";
import { decodeLink, encodeLink, type Settings, type View } from "./settings.js";

/** Milliseconds after the last change in which a link is written. */
const WRITE_AFTER = 250;

export class Page {
  view = $state<View>("two");
  settings = $state<Settings>(decodeLink("").settings);
  /** Of the machine of two neurons. */
  pair = $state<PairSettings>({ ...defaultPair });
  /** The step of the tour that is shown, from 0; undefined while nobody takes it. */
  tour = $state<number>();
  readonly notice = new Notice();
  /** Whether the page shows a view alone, for the frame of another page. */
  readonly embedded = new URLSearchParams(location.search).get("embed") === "1";
  /** A link that is written soon. */
  #unwritten: string | undefined;
  #writing: ReturnType<typeof setTimeout> | undefined;
  /** The view whose link is the last entry of the browser's history. */
  #entered: View | undefined;

  constructor() {
    // Who opens the page with a run wants to see that.
    const served = new URLSearchParams(location.search).has("run");
    this.followLink(served && location.hash === "" ? "#dream" : location.hash);
    // Of Back and Forward, and of an address that somebody changed.
    addEventListener("popstate", () => this.followLink());
    $effect.root(() => {
      $effect(() => {
        const { link, view } = this;
        clearTimeout(this.#writing);
        if (location.hash === link) {
          this.#unwritten = undefined;
          this.#entered = view;
          return;
        }
        // Another view is a place to come Back from; a slider that moves is not, and browsers refuse a link per frame.
        if (view === this.#entered) {
          this.#unwritten = link;
          this.#writing = setTimeout(() => this.#write(), WRITE_AFTER);
        } else if (this.#entered) {
          this.#write();
          history.pushState(undefined, "", link);
        }
        this.#entered = view;
      });
    });
  }

  /** Writes the link that waits, where one does. */
  #write(): void {
    if (this.#unwritten !== undefined) history.replaceState(undefined, "", this.#unwritten);
    this.#unwritten = undefined;
  }

  /** The link of what is seen now. */
  get link(): string {
    return this.view === "two" ? encodePair(this.pair) : encodeLink(this.view, this.settings);
  }

  /** The whole address of what is seen now, with all controls of the page. */
  get address(): string {
    const { origin, pathname, search } = location;
    const query = new URLSearchParams(search);
    query.delete("embed");
    return `${origin}${pathname}${query.size > 0 ? `?${query}` : ""}${this.link}`;
  }

  /** Shows what a link says; what the view does not use stays as it is. */
  followLink(hash = location.hash): void {
    const { view, settings } = decodeLink(hash);
    if (hash === location.hash) this.#entered = view;
    this.view = view;
    if (view === "two") Object.assign(this.pair, decodePair(hash));
    else Object.assign(this.settings, settings);
  }
}
