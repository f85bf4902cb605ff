// What goes into Python code that we write: names of others, which must not break out of where they stand.

/** Names are others' text and must not end the comment that they stand in. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
export const oneLine = (text: string): string => text.replaceAll(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, " ");
