// Which files somebody means who gives files, folders and globs; always in the same order.
// Only names are looked at here, nothing is opened.
import { dirname, extname, relative, resolve, sep } from "node:path";
import { ImageError } from "@snellen/graph";
import { byName, type ImageFile } from "../datasets/label-images.ts";
import { kindOfPath } from "./files.ts";
import { imageExtensions } from "./images-decode.ts";

const EXTENSIONS = [...imageExtensions, "npy"];
/** What makes a path a pattern; a plain parenthesis or exclamation mark does not. */
const GLOB = /[*?[{]|[!+@]\(/;

const imageFile = (path: string, root: string): ImageFile => ({
  path,
  root,
  name: relative(root, path).split(sep).join("/"),
});

async function filesUnder(folder: string, pattern: string): Promise<ImageFile[]> {
  const { glob } = await import("tinyglobby");
  const paths = await glob(pattern, { cwd: folder, absolute: true, caseSensitiveMatch: false });
  return paths.map((path) => imageFile(resolve(path), resolve(folder))).sort(byName);
}

/** The part of a glob in front of its first special character, and the rest. */
function splitGlob(pattern: string): { folder: string; rest: string } {
  const parts = pattern.split(sep === "\\" ? /[/\\]/ : "/");
  const special = parts.findIndex((part) => GLOB.test(part));
  return {
    folder: parts.slice(0, special).join("/") || (pattern.startsWith("/") ? "/" : "."),
    rest: parts.slice(special).join("/"),
  };
}

async function filesOf(input: string): Promise<ImageFile[]> {
  const kind = await kindOfPath(input);
  if (kind === "file") return [imageFile(resolve(input), dirname(resolve(input)))];
  if (kind === "folder") {
    const files = await filesUnder(input, `**/*.{${EXTENSIONS.join(",")}}`);
    if (files.length > 0) return files;
    throw new ImageError("no-images", "the folder holds no images.", {
      where: input,
      hint: `Looked for ${EXTENSIONS.join(", ")}, in its subfolders too.`,
    });
  }
  if (!GLOB.test(input))
    throw new ImageError("image-not-found", "there is no such file or folder.", { where: input });
  const { folder, rest } = splitGlob(input);
  const files = (await filesUnder(folder, rest)).filter(({ path }) => isImageName(path));
  if (files.length > 0) return files;
  throw new ImageError("no-images", "the pattern matches no images.", { where: input });
}

const isImageName = (path: string): boolean => EXTENSIONS.includes(extname(path).slice(1).toLowerCase());

/** True for the name of a preprocessed batch. */
export const isNpyName = (path: string): boolean => extname(path).toLowerCase() === ".npy";

/**
 * Lists the image and `.npy` files that `inputs` name: files, folders (searched to the bottom; names that start with a dot
 * are left out) and globs.
 *
 * Inputs keep their order, files under one are sorted by their name's code units, and a file named twice comes once.
 * @throws ImageError `image-not-found`, `no-images`.
 */
export async function listImages(inputs: string | readonly string[]): Promise<ImageFile[]> {
  const given = typeof inputs === "string" ? [inputs] : inputs;
  if (given.length === 0) throw new ImageError("no-images", "no images were given.", { where: "--images" });
  const files = new Map<string, ImageFile>();
  for (const input of given) {
    for (const file of await filesOf(input)) {
      if (!files.has(file.path)) files.set(file.path, file);
    }
  }
  return [...files.values()];
}
