// Names of the files written for each image: the image's own, made unique and safe for every file system.
import { basename, extname } from "node:path";

/** Characters that some file system refuses in names, and those that mean something in a path. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Windows refuses them in file names
const UNSAFE = /[<>:"/\\|?*\x00-\x1f\x7f]/g;

/** Names of dots alone are folders above, a dot in front hides a file, and Windows drops dots and spaces at the end. */
const EDGES = /^[. ]+|[. ]+$/g;

/** File systems take 255 bytes; endings such as `__extended-cam.cells.npy` need room. */
const MAX_BYTES = 180;
/** What is left for a target behind the longest stem, a method and an ending. */
const MAX_TARGET_BYTES = 40;

/**
 * One stem for each image, in order: the file's name without its ending, `~2`, `~3`, … behind those that come again (names
 * that differ in case only count as equal, as some file systems cannot hold both). A slot of an .npy batch has its number.
 * Sources may be anything, names from inside a model too: a stem never leads out of its folder.
 *
 * @param reserved names of other files in the same folder, which no stem may have
 */
export function outputStems(sources: readonly string[], reserved: readonly string[] = []): string[] {
  const taken = new Set(reserved.map(keyOf));
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
  const short = shortened(stem === "" ? "image" : stem).replace(EDGES, (edge) => "_".repeat(edge.length));
  return slot === undefined ? short : `${short}-${slot}`;
}

function shortened(name: string, maxBytes = MAX_BYTES): string {
  let [short, bytes] = ["", 0];
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    short += character;
  }
  return short;
}

/** What each target adds to its files' names: nothing where there is but one, else `__` and a safe form of its own name. */
export function targetNames(targets: readonly string[]): Map<string, string> {
  if (targets.length < 2) return new Map();
  const safe = (target: string): string => shortened(target.replaceAll(/[/\\\s:]+/g, "-"), MAX_TARGET_BYTES);
  const stems = outputStems(targets.map((target) => `${safe(target)}.target`));
  return new Map(targets.map((target, i) => [target, `__${stems[i]}`]));
}

/** What a map explains, as people read it: its class, or the question where it is not about a class alone. */
export const targetLabel = (asked: string, className: string): string =>
  /[:@]| vs /.test(asked) ? asked : className;
