export declare function findNumpy(): string | undefined;
