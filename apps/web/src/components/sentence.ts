import { sentenceCase } from "snellen/web";

/** Words of the library as a whole sentence. */
export const sentenceOf = (text: string): string => `${sentenceCase(text)}.`;
