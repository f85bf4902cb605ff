// A remedy as it is copied into a shell: with the file that was examined in place of `<model>`.

/** What a shell takes as it stands. */
const PLAIN = /^[\w.,:=@%+/-]+$/;

/** As one word of a POSIX shell: a file may be called anything, and must not be run. */
export const shellQuoted = (text: string): string =>
  PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** Names of models that are files; a name with control characters is none that a terminal should be given. */
const isFile = (name: string): boolean => /\.(onnx|ort)$/i.test(name) && !/\p{Cc}/u.test(name);

/** @param model what the exam calls it */
export function remedyCommand(remedy: string, model: string): string {
  if (!isFile(model)) return remedy;
  // a leading hyphen would make it a flag
  const word = shellQuoted(model.startsWith("-") ? `./${model}` : model);
  return remedy.replaceAll("<model>", () => word);
}
