// What flags of the command line, which texts of the library name, are called on this page.

/** What a hint that names a flag comes to, whatever else it says. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/--(size|dim)\b/, "Set the input size under Inspect."],
  [/--(preset|mean|std|range|channels|resize)\b/, "Correct the preprocessing under Inspect."],
  [/--layer\b/, "Choose another layer."],
  [/--target\b/, "Choose another class."],
  [/--method\b/, "Choose another method."],
  [/--batch\b/, "Take fewer pictures, or a smaller model."],
  [/--images\b/, "Drop some pictures."],
  [/--labels\b/, "Drop a file with one class name a line."],
  [/--device\b/, "Choose the processor under Inspect."],
];

export function hintHere(hint: string): string {
  if (!hint.includes("--") || hint.includes("command line")) return hint;
  return HINTS.find(([flag]) => flag.test(hint))?.[1] ?? `On the command line: ${hint}`;
}

/** Flags within notes and other texts. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^flags\b/, "what was set here"],
  [/; set --preset or --mean[^.]*/, ""],
  [/--convert-batchnorm/g, "the choice “Batch normalizations too”"],
  [/its --pooling|--pooling/g, "the choice “Pooling windows too”"],
  [/: give --size HxW/g, ": set the input size under Inspect"],
];

export const inTheApp = (text: string): string =>
  WORDS.reduce((told, [flag, here]) => told.replace(flag, here), text);
