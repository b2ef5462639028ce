export declare function findHeadlessGl(): string | undefined;
export declare function findXvfb(): string | undefined;
