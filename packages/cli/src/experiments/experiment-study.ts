// What experiments on made networks need of the command line: networks in memory on the runtime, a journal to go on from, and the
// page written in three forms.
import { join } from "node:path";
import {
  createVisionModel,
  type Document,
  describeModel,
  documentHtml,
  documentMarkdown,
  EFFORTS,
  type Effort,
  type GivenModel,
  type Study,
  type TrainingStudy,
} from "snellen";
import { createNodeRuntime, type OpenedModel, writeFileAtomic } from "snellen/node";
import type { ExperimentFlags } from "../commands/reproduce/made-networks.ts";
import { imageVersions, modelVersion } from "../file-version.ts";
import type { CommandContext } from "../main.ts";
import { measuredImages } from "../measured-images.ts";
import { openWithFlags } from "../open.ts";
import { outputStems } from "../output-names.ts";
import { EXIT } from "../terminal.ts";
import { openTrainingStudy, sessionOf, trainingSettings } from "./experiment-data.ts";
import { keyedJournal } from "./experiment-journal.ts";

/** A given network with the file that decides its numbers, and images that could not be read. */
export interface OpenedGiven extends GivenModel {
  readonly version: Awaited<ReturnType<typeof modelVersion>>;
  readonly skipped: readonly { readonly source: string; readonly reason: string }[];
}

/**
 * Opens the user's networks and reads their images (Gaussian pictures where there are none).
 * @param opened gets every model that is opened, for the caller to dispose of, whatever is thrown
 * @param reserved names of other networks of the experiment
 * @throws what opening models and images throws
 */
export async function openGiven(
  paths: readonly string[],
  flags: ExperimentFlags,
  { terminal }: CommandContext,
  opened: OpenedModel[],
  reserved: readonly string[] = [],
): Promise<OpenedGiven[]> {
  const all: (Omit<OpenedGiven, "name"> & { readonly model: OpenedModel })[] = [];
  for (const path of paths) {
    const version = await modelVersion(path, flags);
    const model = await openWithFlags(path, flags, terminal);
    opened.push(model);
    const { kind, images, skipped } = await measuredImages(model, flags, terminal);
    all.push({ model, kind, images, skipped, version });
  }
  const files = all.map(({ model }) => model.name);
  const names = outputStems(files, reserved);
  return all.map((given, i) => ({ ...given, name: names[i] as string }));
}

export const effortOf = ({ quick }: ExperimentFlags): Effort => EFFORTS[quick === true ? "quick" : "full"];

/** An experiment on made networks that takes given ones too, and trains some. @typeParam E what trainings may spend */
export interface NetworkExperiment<R extends Reproduced, E extends object> {
  readonly id: string;
  readonly trainings: E;
  /** What it runs on; `opened` gets every model that is opened, whatever is thrown. */
  readonly given: (opened: OpenedModel[]) => Promise<readonly OpenedGiven[]>;
  readonly reproduce: (options: ExperimentOptions<E>) => Promise<R>;
  readonly document: (result: R) => Document;
}

interface ExperimentOptions<E> extends Study {
  readonly models: readonly OpenedGiven[];
  readonly training?: TrainingStudy<E>;
}

interface Reproduced {
  readonly models: readonly { readonly name: string; readonly refused: string | null }[];
}

/** Runs an experiment, writes its page and disposes of the networks. */
export async function runOnNetworks<R extends Reproduced, E extends object>(
  { id, trainings, given, reproduce, document }: NetworkExperiment<R, E>,
  flags: ExperimentFlags,
  context: CommandContext,
  effort: Effort,
): Promise<number> {
  const opened: OpenedModel[] = [];
  try {
    const models = await given(opened);
    const training = await openTrainingStudy(flags, trainings, context.terminal);
    const study = await openStudy(id, { given: models, training, effort }, flags, context);
    const result = await reproduce({ ...study, models, ...(training && { training }) });
    const page = document(result);
    await writeExperiment(id, result, { page, text: withoutPlots(page, id) }, flags, context);
    for (const { name, refused } of result.models)
      if (refused !== null) context.terminal.warn(`${name}: not measured, as ${refused}`);
    return models.some(({ skipped }) => skipped.length > 0) ? EXIT.someSkipped : EXIT.done;
  } finally {
    for (const model of opened) await model[Symbol.asyncDispose]();
  }
}

interface StudyOf {
  readonly given: readonly OpenedGiven[];
  readonly training: TrainingStudy<object> | undefined;
  readonly effort: Effort;
}

/**
 * The study of a command line: its seed, runtime and journal.
 * @param id of the experiment: its journal is `<out>/<id>.jsonl`
 */
async function openStudy(
  id: string,
  { given, training, effort }: StudyOf,
  flags: ExperimentFlags,
  { terminal, signal }: CommandContext,
): Promise<Study> {
  const { seed } = flags;
  const settings = {
    seed,
    effort,
    networks: await Promise.all(
      given.map(async ({ name, version, model: { info }, kind, images }) => ({
        name,
        version,
        scores: info.logits.value,
        preprocessing: info.preprocessing.spec,
        images: kind === "gaussian" ? images.length : await imageVersions(images),
      })),
    ),
    ...(training && { trained: trainingSettings(training) }),
  };
  const kept = await keyedJournal(id, settings, flags, terminal);
  const runtime = createNodeRuntime();
  return {
    seed,
    effort,
    signal,
    open: (network) =>
      createVisionModel(describeModel(network, { preset: "none" }), {
        runtime,
        home: { location: "network.onnx", weights: {} },
        session: sessionOf(flags),
      }),
    ...kept,
    onProgress: (step, done) => terminal.progress(step, done),
  };
}

/**
 * Writes `<out>/<id>.json`, `.md` and `.html`, and says what became of the claims.
 * @param text of the Markdown; default: the page
 */
export async function writeExperiment(
  id: string,
  result: object,
  { page, text = page }: { readonly page: Document; readonly text?: Document },
  { out }: { readonly out: string },
  { terminal }: Pick<CommandContext, "terminal">,
): Promise<void> {
  const write = (ending: string, written: string) => writeFileAtomic(join(out, `${id}.${ending}`), written);
  await write("json", `${JSON.stringify(result, null, 1)}\n`);
  await write("md", documentMarkdown(text));
  await write("html", documentHtml(page));
  terminal.result(result, () =>
    [...(page.sections[0]?.text ?? []), `page: ${join(out, `${id}.html`)}`].join("\n"),
  );
}

/** As text a plot is a table of its points, of which these pages have hundreds. */
export const withoutPlots = (document: Document, id: string): Document => ({
  ...document,
  sections: document.sections.map((section) => {
    const plots = section.evidence.flatMap((item) => (item.kind === "plot" ? [item.caption] : []));
    const note = `Plots, in ${id}.html and with their numbers in ${id}.json: ${plots.join("; ")}.`;
    const evidence = section.evidence.filter(({ kind }) => kind !== "plot");
    return plots.length === 0 ? section : { ...section, text: [...section.text, note], evidence };
  }),
});
