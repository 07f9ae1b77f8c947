/** The content of every generated file, by path from the root. */
export declare function generated(): Promise<Record<string, string>>
