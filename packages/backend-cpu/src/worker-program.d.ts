// The workers' programs as texts, written into dist/ by build-workers.mjs: each is whole in itself, so that it starts
// where no file is found.

/** The program of worker-browser.ts. */
export declare const browserProgram: string;
/** The program of worker-node.ts. */
export declare const nodeProgram: string;
