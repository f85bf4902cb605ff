// What zod says of data that does not fit. Its small build says "Invalid input" of everything, unless a parse brings words.
// Handed to each parse rather than set once for all: settings of zod belong to whoever uses this library.
import en from "zod/v4/locales/en.js";

/** `schema.parse(json, IN_ENGLISH)`: errors as zod's full build words them. */
export const IN_ENGLISH = { error: en().localeError };
