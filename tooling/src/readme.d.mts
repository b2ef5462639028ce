export interface ReadmeExample {
  program: string;
  output: string | null;
}
export declare function readmeExamples(markdown: string): ReadmeExample[];
export declare function testReadme(
  folder: string,
  options?: { readme?: string; timeout?: number },
): void;
