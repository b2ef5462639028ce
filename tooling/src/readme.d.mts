export declare function testReadme(
  folder: string,
  options?: { readme?: string; timeout?: number },
): void;
