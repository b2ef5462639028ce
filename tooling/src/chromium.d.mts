import type { Page } from "playwright-core";

export declare function findChromium(): string | undefined;
export declare function withPage<T>(
  folder: string,
  options: { isolated: boolean },
  visit: (page: Page) => Promise<T>,
): Promise<T>;
