// Names of the files written for each image: the image's own, made unique and safe for every file system.
import { basename, extname } from "node:path";

/** Characters that some file system refuses in names, and those that mean something in a path. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Windows refuses them in file names
const UNSAFE = /[<>:"/\\|?*\x00-\x1f\x7f]/g;

/** File systems take 255 bytes; endings such as `__extended-cam.cells.npy` need room. */
const MAX_BYTES = 180;

/**
 * One stem for each image, in order: the file's name without its ending, `~2`, `~3`, … behind those that come again (names
 * that differ in case only count as equal, as some file systems cannot hold both). A slot of an .npy batch has its number.
 */
export function outputStems(sources: readonly string[]): string[] {
  const taken = new Set<string>();
  return sources.map((source) => {
    const stem = stemOf(source);
    let name = stem;
    for (let i = 2; taken.has(keyOf(name)); i++) name = `${stem}~${i}`;
    taken.add(keyOf(name));
    return name;
  });
}

const keyOf = (name: string): string => name.normalize("NFC").toLowerCase();

function stemOf(source: string): string {
  const [, path = source, slot] = /^(.*\.npy)\[(\d+)\]$/i.exec(source) ?? [];
  const name = basename(path);
  const stem = name.slice(0, name.length - extname(name).length).replace(UNSAFE, "_");
  const short = shortened(stem === "" ? "image" : stem);
  return slot === undefined ? short : `${short}-${slot}`;
}

function shortened(name: string): string {
  let [short, bytes] = ["", 0];
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > MAX_BYTES) break;
    short += character;
  }
  return short;
}

/** What each target adds to its files' names: nothing where there is but one, else `__` and a safe form of its own name. */
export function targetNames(targets: readonly string[]): Map<string, string> {
  if (targets.length < 2) return new Map();
  const stems = outputStems(targets.map((target) => `${target.replaceAll(/[/\\\s:]+/g, "-")}.target`));
  return new Map(targets.map((target, i) => [target, `__${stems[i]}`]));
}
