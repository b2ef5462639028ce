export declare function findNumpy(...modules: string[]): string | undefined;
