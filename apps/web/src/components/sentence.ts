// Words of the library, which are made for the command line too, as sentences of this page.

export const sentenceCase = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** What flags of the command line are called on this page. */
const HERE: readonly (readonly [RegExp, string])[] = [
  [/^flags\b/, "what was set here"],
  [/; set --preset or --mean[^.]*/, ""],
  [/--convert-batchnorm/g, "the choice “Batch normalizations too”"],
  [/its --pooling|--pooling/g, "the choice “Pooling windows too”"],
  [/: give --size HxW/g, ": set the input size under Inspect"],
];

export const inTheApp = (text: string): string =>
  HERE.reduce((told, [flag, here]) => told.replace(flag, here), text);
