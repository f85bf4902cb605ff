// Opens a model from dropped files: the ONNX file, its external data, configs and class names beside it.
import { UnsupportedError, UsageError } from "@snellen/graph";
import {
  type DescribeOptions,
  labelsOfJson,
  parseJson,
  parseLabels,
  parseSidecar,
  readModelBytes,
  SIDECAR_FILES,
} from "snellen/web";
import type { Handler, StepProgress } from "../handler.ts";
import { type ModelFacts, modelFacts } from "../model-facts.ts";

export interface OpenArgs {
  readonly files: readonly File[];
  readonly options: DescribeOptions;
}

/** Of all files together: each lies in memory once, and the runtime takes about as much again. */
export const MOST_BYTES = 500 * 2 ** 20;

export const open: Handler<OpenArgs, ModelFacts, StepProgress> = async (
  { files, options },
  { opened, progress },
) => {
  const file = modelFileOf(files);
  const others = files.filter((other) => other !== file);
  requireSize(files);
  progress({ step: "reading", done: 0 });
  const data = new Map<string, Uint8Array>();
  for (const other of others) if (!isText(other)) data.set(other.name, await bytesOf(other));
  progress({ step: "reading", done: 0.5 });
  const bytes = await readModelBytes(await bytesOf(file), { name: file.name, data });
  progress({ step: "looking at the graph", done: 0.8 });
  const model = opened.setModel(bytes, { ...(await besides(others)), ...options });
  return modelFacts(model);
};

/** @throws UsageError `no-model`, `several-models` */
function modelFileOf(files: readonly File[]): File {
  const models = files.filter(({ name }) => /\.onnx$/i.test(name));
  const [first, second] = models.length > 0 ? models : files.length === 1 ? files : [];
  if (first === undefined)
    throw new UsageError("no-model", "there is no .onnx file among these files.", {
      hint: "Drop the .onnx file, together with its .data file where it has one.",
    });
  if (second !== undefined)
    throw new UsageError("several-models", `these are ${models.length} models.`, {
      hint: "Drop one at a time: a new one takes the place of the one before.",
    });
  return first;
}

/** @throws UnsupportedError `too-large` */
function requireSize(files: readonly File[]): void {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (total <= MOST_BYTES) return;
  throw new UnsupportedError(
    "too-large",
    `${Math.round(total / 2 ** 20)} MB are more than a page can hold beside what running takes; up to ${MOST_BYTES / 2 ** 20} MB are opened.`,
    {
      where: files[0]?.name,
      hint: "The command line has no such bound: npx snellen exam model.onnx --images photos/",
    },
  );
}

const isText = ({ name }: File): boolean => /\.(json|txt|csv)$/i.test(name);

async function bytesOf(file: File): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    const isTooMuch = cause instanceof RangeError || (cause as DOMException).name === "NotReadableError";
    throw new UnsupportedError(
      isTooMuch ? "out-of-memory" : "unreadable-file",
      isTooMuch ? "does not fit into this page's memory, or cannot be read any more." : "cannot be read.",
      { where: file.name, hint: "Close other pages, or use the command line.", cause },
    );
  }
}

/** What files beside the model say of preprocessing and classes. */
async function besides(files: readonly File[]): Promise<DescribeOptions> {
  let sidecars: DescribeOptions["sidecars"] = {};
  for (const name of SIDECAR_FILES) {
    const file = files.find((other) => other.name === name);
    if (file !== undefined) sidecars = { ...(await parseSidecar(await file.text(), name)), ...sidecars };
  }
  for (const file of files) {
    const { name } = file;
    if (SIDECAR_FILES.includes(name as never) || !isText(file) || /\.csv$/i.test(name)) continue;
    const text = await file.text();
    // a JSON file beside a model may hold anything
    if (/\.json$/i.test(name) && labelsOfJson(parseJson(text, name)) === undefined) continue;
    return { sidecars, labels: parseLabels(text, name) };
  }
  return { sidecars };
}
