// What the app is to open, as files under names that it may fetch: a model with what lies beside it, pictures with their labels.
import { stat } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import { UsageError } from "@snellen/graph";
import { maskFilesOf } from "snellen";
import { listImages, openImages, openModelFile, sidecarFiles } from "snellen/node";

/** Path as the app sees it, `/` between folders → path on disk. */
export type GivenFiles = ReadonlyMap<string, string>;

/** More would be listed and fetched one by one. */
const MOST_IMAGES = 2000;

/**
 * @throws UsageError `not-viewable`, `too-many-images`; what opening the model and listing images throws
 */
export async function givenFiles(file: string, images: readonly string[]): Promise<GivenFiles> {
  if (extname(file).toLowerCase() === ".json") {
    if (!(await isFile(file)))
      throw new UsageError("no-such-file", "no such file.", {
        where: file,
        hint: "Give an exam.json, as snellen exam writes it.",
      });
    return new Map([[basename(file), file]]);
  }
  return new Map([...(await modelFiles(file)), ...(await pictureFiles(images))]);
}

/** The model under the name of the path that was given, its external data, and config files beside it. */
async function modelFiles(path: string): Promise<[string, string][]> {
  const file = await openModelFile(path);
  // of two files of one name the first counts, which a map would replace
  const sidecars = (await sidecarFiles(file)).reverse();
  return [
    ...sidecars.map((sidecar): [string, string] => [basename(sidecar), sidecar]),
    ...file.dataFiles,
    [file.name, join(file.folder, file.fileName)],
  ];
}

/** Under the folder that tells their classes, if one does, with the masks that are named there; else under the folders given. */
async function pictureFiles(inputs: readonly string[]): Promise<[string, string][]> {
  if (inputs.length === 0) return [];
  const { entries, labelsFrom } = await openImages(inputs);
  if (entries.length > MOST_IMAGES)
    throw new UsageError("too-many-images", `${entries.length} pictures are more than a page should fetch.`, {
      where: "--images",
      hint: `Give at most ${MOST_IMAGES}, or use the command line: snellen exam.`,
    });
  const isLabelled = await isFile(labelsFrom);
  const home = isLabelled ? dirname(resolve(labelsFrom)) : undefined;
  const listed = new Map((await listImages(inputs)).map(({ path, root, name }) => [path, { root, name }]));
  const nameOf = (path: string): string => {
    if (home !== undefined && !relative(home, path).startsWith(".."))
      return `${basename(home)}/${relative(home, path).split(sep).join("/")}`;
    const { root, name } = listed.get(path) ?? { root: dirname(path), name: basename(path) };
    return `${basename(root)}/${name}`;
  };
  const paths = [
    ...entries.map(({ source }) => source),
    ...entries.flatMap(({ label }) => maskFilesOf(label)),
    ...(isLabelled ? [resolve(labelsFrom)] : []),
  ];
  return [...new Set(paths)].map((path) => [nameOf(path), path]);
}

const isFile = (path: string): Promise<boolean> =>
  stat(resolve(path)).then(
    (found) => found.isFile(),
    () => false,
  );
