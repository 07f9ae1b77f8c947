/** What must never reach a terminal raw: controls, bidirectional and zero-width characters, separators, lone surrogates. */
export const DANGEROUS: RegExp =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the tests look for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u00ad]|\p{Cs}/u
