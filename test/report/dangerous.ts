/** What must never reach a terminal raw: controls, bidirectional and zero-width characters, separators, lone surrogates. */
export const DANGEROUS: RegExp = /[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Cs}/u
