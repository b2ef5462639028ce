import type { Page } from "playwright-core";

export interface PageOptions {
  isolated: boolean;
  args?: readonly string[];
}
export declare const softwareWebGpu: readonly string[];
export declare function findChromium(): string | undefined;
export declare function withPage<T>(
  folder: string,
  options: PageOptions,
  visit: (page: Page) => Promise<T>,
): Promise<T>;
export declare function outcomeOfPage<T>(source: string, options: PageOptions): Promise<T>;
export function nameSoftwareVulkan(environment: Record<string, string | undefined>): void;
