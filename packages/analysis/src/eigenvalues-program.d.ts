// The program of eigenvalues-worker.ts as a text, written into dist/ by build-workers.mjs: whole in itself, so that it
// starts wherever this package was put.

export declare const eigenvaluesProgram: string;
