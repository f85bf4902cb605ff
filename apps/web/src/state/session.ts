// What the page works on: a model in a worker of its own, and pictures. A new model gets a new worker, as only the end of the old one
// gives its memory back; a model that cannot be opened leaves the one before as it was.
import { batch, effect, signal } from "@preact/signals";
import type { DescribeOptions, ExamResult, GivenFile } from "snellen/web";
import { type CallOptions, startWorker, type WorkerClient } from "../client/worker-client.ts";
import type { StepProgress } from "../worker/handler.ts";
import type { DeviceFound } from "../worker/handlers/device.ts";
import type { ListedImages } from "../worker/handlers/images.ts";
import type { ModelFacts } from "../worker/model-facts.ts";
import type { ArgsOf, Failure, Method, ResultOf } from "../worker/protocol.ts";
import { NO_PICTURES, pictures, selected, show } from "./pictures.ts";
import { attempt, failureOf, problem } from "./problem.ts";

export interface Opening {
  readonly name: string;
  readonly step: string;
  readonly done: number;
}

export const model = signal<ModelFacts | null>(null);
export const opening = signal<Opening | null>(null);
export const device = signal<DeviceFound | null>(null);
/** An exam that was opened from a file; it needs no model. */
export const openedExam = signal<ExamResult | null>(null);
/** Rises with every model and all that changes what it computes: results of before are no longer true. */
export const generation = signal(0);

/** Dropped files, or `optotypes`, to be listed again for another model: whose classes they are depends on it. */
let given: readonly GivenFile[] | "optotypes" = [];
/** Pictures taken since, such as a camera's. */
let taken: readonly GivenFile[] = [];
/** Files and options of the model, to open it again. */
let files: readonly File[] = [];
let options: DescribeOptions = {};
let worker: WorkerClient = startWorker();

/** Codes of failures that may be the graphics processor's alone. */
const GPU_FAILURES: ReadonlySet<string> = new Set([
  "runtime-failed",
  "operator-not-implemented",
  "out-of-memory",
  "internal",
]);

/** A worker that is deep in WebAssembly hears nothing; it is ended then. */
const PATIENCE_MS = 3000;

/**
 * A call of the worker. One that is told to stop and does not is ended with its worker, and what else was asked of it is asked again.
 * What fails on the graphics processor is asked of the processor once more; a worker that ran out of memory is of no more use, and a
 * new one takes its place.
 */
export async function call<M extends Method>(
  method: M,
  args: ArgsOf<M>,
  wishes?: CallOptions<M>,
): Promise<ResultOf<M>> {
  const client = worker;
  const isOnGpu = device.value?.device === "webgpu";
  const { signal } = wishes ?? {};
  const answer = client.call(method, args, wishes);
  let isPending = true;
  const endUnlessItStops = (): void => {
    setTimeout(() => {
      if (isPending && client === worker) void restart();
    }, PATIENCE_MS);
  };
  signal?.addEventListener("abort", endUnlessItStops, { once: true });
  try {
    return await answer;
  } catch (error) {
    const again = replaced.get(client);
    if (again !== undefined && signal?.aborted !== true && failureOf(error).code === "stopped") {
      await again;
      return call(method, args, wishes);
    }
    if (client !== worker) throw error;
    const failure = failureOf(error);
    if (isOnGpu && GPU_FAILURES.has(failure.code)) {
      if (device.value?.device === "webgpu") await leaveGpu(failure);
      return call(method, args, wishes);
    }
    if (failure.code === "out-of-memory") await restart();
    throw error;
  } finally {
    isPending = false;
    signal?.removeEventListener("abort", endUnlessItStops);
  }
}

async function leaveGpu(failure: Failure): Promise<void> {
  const found = await worker.call("device", { device: "cpu" });
  device.value = { ...found, reason: failure.what };
  problem.value = { title: "WebGPU failed, so everything runs on the processor now", failure };
}

/** A new worker begins on the processor; the device that was chosen stays chosen. */
async function keepDevice(client: WorkerClient): Promise<void> {
  if (device.value !== null) device.value = await client.call("device", { device: device.value.device });
}

effect(() => {
  const name = model.value?.name ?? openedExam.value?.model.name;
  document.title = name === undefined ? "Snellen: eye exams for vision networks" : `${name} – Snellen`;
});

/** How many models were asked for: one that comes when another was asked for since is not taken. */
let asked = 0;
/** Nothing was opened in the worker yet. */
let isFresh = true;

/**
 * Opens a model in a worker of its own, with the files beside it, and lists the pictures for it.
 * @param images in place of those that are there, which stay otherwise
 * @param settings what the user corrected of it
 */
export async function openModel(
  chosen: readonly File[],
  images?: readonly GivenFile[] | "optotypes",
  settings: DescribeOptions = {},
): Promise<void> {
  const name = chosen.find((file) => /\.onnx$/i.test(file.name))?.name ?? chosen[0]?.name ?? "";
  const turn = ++asked;
  const isWanted = (): boolean => turn === asked;
  const next = isFresh ? worker : startWorker();
  isFresh = false;
  const pictured = images === undefined ? { given, taken } : { given: images, taken: [] };
  problem.value = null;
  opening.value = { name, step: "reading", done: 0 };
  try {
    const onProgress = ({ step, done }: StepProgress): void => {
      if (isWanted()) opening.value = { name, step, done };
    };
    const facts = await next.call("open", { files: chosen, options: settings }, { onProgress });
    const listed = await listedBy(next, facts, pictured).catch(failureOf);
    await keepDevice(next);
    if (!isWanted()) return endUnused(next);
    if (next !== worker) worker.end();
    [worker, files, options] = [next, chosen, settings];
    ({ given, taken } = pictured);
    batch(() => {
      accept(facts);
      show("images" in listed ? listed : NO_PICTURES);
      if ("what" in listed) problem.value = { title: "The pictures could not be used", failure: listed };
    });
  } catch (error) {
    endUnused(next);
    const failure = failureOf(error);
    if (next === worker && failure.code === "out-of-memory") await restart();
    if (isWanted()) problem.value = { title: `${name} could not be opened`, failure };
  } finally {
    if (isWanted()) opening.value = null;
  }
}

function endUnused(client: WorkerClient): void {
  if (client !== worker) client.end();
}

function accept(facts: ModelFacts): void {
  batch(() => {
    model.value = facts;
    openedExam.value = null;
    generation.value++;
  });
}

/** The same model with other options. */
export async function describe(changed: DescribeOptions): Promise<void> {
  await attempt("The settings were not taken", async () => {
    const wanted = { ...options, ...changed };
    const facts = await soon(worker.call("describe", wanted));
    accept(facts ?? (await reopen(wanted).catch(goBack)));
    options = wanted;
    await listPictures();
  });
}

/** Takes pictures in place of those before. */
export async function usePictures(images: readonly GivenFile[] | "optotypes"): Promise<void> {
  given = images;
  taken = [];
  await attempt("The pictures could not be used", listPictures);
}

export async function addPicture(file: Blob, name: string): Promise<void> {
  await attempt("The picture could not be used", async () => {
    taken = [...taken, { file, path: name }];
    show(await worker.call("addImage", { file, name }));
    selected.value = pictures.value.list.length - 1;
  });
}

async function listPictures(): Promise<void> {
  if (model.value !== null) show(await listedBy(worker, model.value, { given, taken }));
}

async function listedBy(
  client: WorkerClient,
  { inspection }: ModelFacts,
  { given: images, taken: more }: { readonly given: typeof given; readonly taken: typeof taken },
): Promise<ListedImages> {
  let listed: ListedImages = NO_PICTURES;
  if (images === "optotypes") {
    const side = inspection.input.size[0] ?? 64;
    listed = await client.call("optotypes", { size: Math.max(32, Math.min(256, side)) });
  } else if (images.length > 0) listed = await client.call("images", { files: images });
  for (const { file, path } of more) listed = await client.call("addImage", { file, name: path });
  return listed;
}

export async function setDevice(wanted: DeviceFound["device"]): Promise<void> {
  await attempt("The device could not be used", async () => {
    device.value = await worker.call("device", { device: wanted });
    generation.value++;
  });
}

/** Undefined where it takes longer than a worker takes that hears. */
const soon = <T>(answer: Promise<T>): Promise<T | undefined> =>
  Promise.race([
    answer,
    new Promise<undefined>((resolve) => {
      setTimeout(() => resolve(undefined), PATIENCE_MS);
    }),
  ]);

/** Workers that were ended, and when what they held is open again. */
const replaced = new WeakMap<WorkerClient, Promise<unknown>>();

/** Ends the worker, and opens the model and the pictures in a new one. */
async function reopen(wanted: DescribeOptions = options): Promise<ModelFacts> {
  const before = worker;
  const next = startWorker();
  worker = next;
  const opened = (async () => {
    const facts = await next.call("open", { files, options: wanted });
    await keepDevice(next);
    await listedBy(next, facts, { given, taken });
    return facts;
  })();
  replaced.set(before, opened);
  before.end();
  return opened;
}

/** The new worker has refused the settings, and the one before is gone: the model is opened as it was. */
async function goBack(refusal: unknown): Promise<never> {
  await reopen();
  throw refusal;
}

/** Ends a worker that does not stop by itself, or can do no more, and opens the model again in a new one. */
async function restart(): Promise<void> {
  if (model.value !== null) {
    await attempt("The model could not be opened again", async () => void (await reopen()));
    return;
  }
  worker.end();
  worker = startWorker();
  isFresh = true;
}

/** Opens the same model once more with files that belong to it: names of its classes, or a config, which settings give way to. */
export async function openBeside(more: readonly File[]): Promise<void> {
  const names = new Set(more.map(({ name }) => name));
  const hasConfig = more.some(({ name }) => /\.json$/i.test(name));
  const all = [...files.filter(({ name }) => !names.has(name)), ...more];
  await openModel(all, undefined, hasConfig ? {} : options);
}

/** An embedded network with newly drawn letters. */
export async function openExample(name: string): Promise<void> {
  const turn = ++asked;
  await attempt(`${name} could not be fetched`, async () => {
    opening.value = { name, step: "fetching", done: 0 };
    try {
      const response = await fetch(`examples/${name}`);
      if (!response.ok) throw new Error(`the server answered ${response.status}.`);
      const bytes = await response.blob();
      if (turn === asked) await openModel([new File([bytes], name)], "optotypes");
    } catch (error) {
      if (turn !== asked) return;
      opening.value = null;
      throw error;
    }
  });
}
