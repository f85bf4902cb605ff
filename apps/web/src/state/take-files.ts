// Files from a drop or a picker: which are a model, which are pictures, which is an exam.
import { type ExamResult, type GivenFile, PICTURE_FILE, SIDECAR_FILES } from "snellen/web";
import type { Failure } from "../worker/protocol.ts";
import { failureOf, problem } from "./problem.ts";
import { call, model, openBeside, openedExam, openModel, usePictures } from "./session.ts";
import { goTo } from "./steps.ts";

/** Folders are walked to the bottom. */
export async function filesOfDrop(transfer: DataTransfer): Promise<GivenFile[]> {
  // entries are gone once the event is over
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  const found = await Promise.all(entries.map(filesOfEntry));
  return found.flat();
}

async function filesOfEntry(entry: FileSystemEntry): Promise<GivenFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => {
      (entry as FileSystemFileEntry).file(resolve, reject);
    });
    return [{ file, path: entry.fullPath.replace(/^\//, "") }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: GivenFile[] = [];
  for (;;) {
    // a reader gives a hundred entries or so at a time
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (part.length === 0) return found;
    found.push(...(await Promise.all(part.map(filesOfEntry))).flat());
  }
}

/** @param files of an `input`, a folder's with their paths in it */
export const filesOfInput = (files: FileList): GivenFile[] =>
  [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));

const isNamed =
  (pattern: RegExp) =>
  ({ path }: GivenFile) =>
    pattern.test(path);

/** Opens whatever was given: a model with what lies beside it, pictures with their labels, an exam's JSON. */
export async function takeFiles(files: readonly GivenFile[]): Promise<void> {
  const [first] = files;
  if (first === undefined) return;
  if (model.value !== null && files.every(isBesideModel))
    return openBeside(files.map(({ file }) => file as File));
  if (files.length === 1 && isNamed(/\.json$/i)(first)) return openExam(first.file);
  const pictures = files.filter(isNamed(PICTURE_FILE));
  const onnx = files.find(isNamed(/\.onnx$/i));
  if (onnx !== undefined) {
    const beside = files.filter((file) => isBeside(file, onnx)).map(({ file }) => file as File);
    return openModel(beside, pictures.length > 0 ? files : undefined);
  }
  if (pictures.length > 0) return usePictures(files);
  if (files.length > 1) {
    problem.value = { title: "Nothing was opened", failure: NOTHING_FOUND };
    return;
  }
  // the worker says what the file is, if it is no model
  return openModel(files.map(({ file }) => file as File));
}

const NOTHING_FOUND: Failure = {
  code: "nothing-found",
  what: "there is no model (.onnx) and no picture among these files.",
  where: null,
  hint: "Pictures are JPEG, PNG, WebP, AVIF, GIF or BMP.",
  isOurs: false,
};

/** Names of classes, and configs, which belong to a model that is open. */
const isBesideModel = ({ path }: GivenFile): boolean =>
  /\.txt$/i.test(path) || SIDECAR_FILES.some((name) => name === path.split("/").at(-1));

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);

/** Weights may lie anywhere among the files; texts belong to the model where they lie in its folder and are no labels of pictures. */
function isBeside({ path }: GivenFile, model: GivenFile): boolean {
  if (PICTURE_FILE.test(path)) return false;
  if (!/\.(json|txt|csv)$/i.test(path)) return true;
  return folderOf(path) === folderOf(model.path) && !PICTURE_LABELS.test(path);
}

const PICTURE_LABELS = /(^|\/)(annotations\.json|labels\.csv)$/i;

/** Shows an exam.json that was made before, here or on the command line. */
export async function openExam(file: Blob): Promise<void> {
  try {
    showExam(await call("readExam", { file }));
  } catch (error) {
    problem.value = { title: "The report could not be opened", failure: failureOf(error) };
  }
}

export function showExam(result: ExamResult): void {
  problem.value = null;
  openedExam.value = result;
  goTo("exam");
}
