/** The folder of the built site: index.html and its assets. */
export declare const siteFolder: string;
