// Runs `snellen erf`: fields of the layers asked for of one model or of several, with pictures, numbers and a table.
import { join } from "node:path";
import { SnellenError, UsageError } from "@snellen/graph";
import {
  accumulation,
  blockLayers,
  deadPixelIndices,
  type FeasibleResolutions,
  type FeatureLayer,
  type FieldPlan,
  type FieldSum,
  type FieldSummary,
  feasibleResolutions,
  fieldMapOf,
  labelledOrPredicted,
  parameterCount,
  resolveFieldLayer,
  summarizeField,
  summaryContext,
  type UnproductiveLayer,
  unproductiveLayers,
} from "snellen";
import { ensureFolder, type OpenedModel, writeFileAtomic } from "snellen/node";
import type { ErfFlags } from "../commands/erf.ts";
import type { CommandContext } from "../main.ts";
import { noteAssumptions, openImagesWithFlags, openWithFlags, required } from "../open.ts";
import { outputStems } from "../output-names.ts";
import { EXIT } from "../terminal.ts";
import { drawField, RESERVED_NAMES } from "./field-pictures.ts";
import { accumulate, type FieldRun, forgetProgress, unlabelledNote } from "./field-run.ts";
import { type Comparison, compareModels, fieldsText, type ModelRow } from "./field-table.ts";

/** What `erf.json` holds of one field. */
export type FieldFile = FieldSummary & {
  readonly version: 1;
  readonly model: string;
  /** Whether it stopped before the images ended, being known well enough. */
  readonly stoppedEarly: boolean;
  /** Names in its folder. */
  readonly files: Readonly<Record<string, string>>;
  readonly skipped: readonly { readonly source: string; readonly reason: string }[];
};

/** What the graph itself says. */
export interface ModelGeometry {
  /** Convolutions that see no more of the image than their input has seen. */
  readonly unproductive: readonly UnproductiveLayer[];
  /** Input sizes that suit the graph. */
  readonly resolutions: FeasibleResolutions;
}

/** What came of one model. */
export interface FieldsOfModel extends Partial<ModelGeometry> {
  readonly model: string;
  readonly fields: readonly FieldFile[];
  readonly row: ModelRow | null;
  /** Why there are none. */
  readonly failure: string | null;
}

export async function writeFields(
  paths: readonly string[],
  flags: ErfFlags,
  context: CommandContext,
): Promise<number> {
  required(flags.images, "images", "photos/");
  accumulation(flags.accumulation);
  await ensureFolder(flags.out);
  const stems = outputStems(paths, RESERVED_NAMES);
  const folders = stems.map((stem) => (paths.length === 1 ? flags.out : join(flags.out, stem)));
  const found: FieldsOfModel[] = [];
  for (const [i, path] of paths.entries()) {
    const job = { path, folder: folders[i] as string, withScores: paths.length > 1 };
    found.push(await (paths.length === 1 ? fieldsOf(job, flags, context) : orFailure(job, flags, context)));
  }
  const fields = found.flatMap((model) => model.fields);
  const rows = found.flatMap(({ row }) => (row === null ? [] : [row]));
  if (fields.length === 0) throw noField(found);
  const comparison = paths.length > 1 ? await compareModels(rows, flags.out) : undefined;
  const result = resultOf(found, comparison);
  await writeFileAtomic(join(flags.out, "erf.json"), `${JSON.stringify(result, null, 2)}\n`);
  // of a model that failed, what was done before stays to go on from
  for (const [i, { failure }] of found.entries())
    if (failure === null) await forgetProgress(folders[i] as string);
  context.terminal.result(result, () => fieldsText(found, comparison, flags.out));
  const isWhole =
    found.every(({ failure }) => failure === null) && fields.every((f) => f.skipped.length === 0);
  return isWhole ? EXIT.done : EXIT.someSkipped;
}

/** One field is told as it is, with what the graph says of the model; several by model. */
function resultOf(found: readonly FieldsOfModel[], comparison: Comparison | undefined) {
  const [{ fields, unproductive, resolutions }] = found as [FieldsOfModel];
  return found.length === 1 && fields.length === 1
    ? { ...(fields[0] as FieldFile), unproductive, resolutions }
    : { version: 1, models: found, comparison };
}

interface Job {
  readonly path: string;
  readonly folder: string;
  /** Whether R of the scores and accuracy are wanted too. */
  readonly withScores: boolean;
}

/** Of several models, one that cannot be examined does not end the run. */
async function orFailure(job: Job, flags: ErfFlags, context: CommandContext): Promise<FieldsOfModel> {
  try {
    return await fieldsOf(job, flags, context);
  } catch (error) {
    if (!(error instanceof SnellenError && error.userFault) || context.signal.aborted) throw error;
    context.terminal.warn(`${job.path}: ${error.message}`);
    return { model: job.path, fields: [], row: null, failure: error.message };
  }
}

async function fieldsOf(job: Job, flags: ErfFlags, context: CommandContext): Promise<FieldsOfModel> {
  const { terminal } = context;
  await using model = await openWithFlags(job.path, flags, terminal);
  const plan: FieldPlan = {
    layers: layersOf(model, flags.layer),
    target: job.withScores ? labelledOrPredicted(model.info) : undefined,
    accumulation: accumulation(flags.accumulation),
  };
  const { entries } = await openImagesWithFlags(model, flags.images ?? [], flags, terminal);
  noteAssumptions(model, entries, flags, terminal);
  const run = await accumulate({ ...job, model, plan, entries }, flags, context);
  const folders = layerFolders(plan.layers, job.folder);
  const fields: FieldFile[] = [];
  for (const [l, layer] of plan.layers.entries())
    fields.push(
      await writeField(model, plan, layer, run, run.progress.sums[l] as FieldSum, folders[l] as string),
    );
  for (const { layer, notes } of fields)
    for (const note of notes) terminal.note(`${model.name}, ${layer}: ${note}.`);
  if (job.withScores)
    for (const note of unlabelledNote(run.progress, run.progress.sums[0]?.n ?? 0))
      terminal.note(`${model.name}, scores: ${note}.`);
  return {
    model: model.name,
    unproductive: unproductiveLayers(model.info),
    resolutions: feasibleResolutions(model.info),
    fields,
    row: job.withScores ? rowOf(model, run, fields) : null,
    failure: null,
  };
}

/** A folder a layer, in the model's own where there is but one. */
const layerFolders = (layers: readonly FeatureLayer[], folder: string): string[] =>
  layers.length === 1
    ? [folder]
    : outputStems(
        layers.map(({ value }) => `${value.replaceAll(/[/\\]+/g, "_")}.layer`),
        RESERVED_NAMES,
      ).map((stem) => join(folder, stem));

/** Those named, each once, in the order given; `all` stands for the ends of blocks. */
function layersOf(model: OpenedModel, wanted: readonly string[] = ["auto"]): FeatureLayer[] {
  const found = wanted.flatMap((name) =>
    name === "all" ? blockLayers(model.info) : [resolveFieldLayer(model.info, name)],
  );
  return [...new Map(found.map((layer) => [layer.value, layer])).values()];
}

async function writeField(
  model: OpenedModel,
  { accumulation }: FieldPlan,
  layer: FeatureLayer,
  { progress, stoppedEarly }: FieldRun,
  sum: FieldSum,
  folder: string,
): Promise<FieldFile> {
  const map = fieldMapOf(sum);
  const context = summaryContext(model.info, layer, accumulation, sum);
  const summary = summarizeField(layer, map, context);
  const files = await drawField(folder, { summary, map }, context);
  const file: FieldFile = {
    version: 1,
    model: model.name,
    ...summary,
    stoppedEarly,
    files,
    skipped: progress.skipped,
  };
  await writeFileAtomic(join(folder, "erf.json"), `${JSON.stringify(file, null, 2)}\n`);
  return file;
}

function rowOf(model: OpenedModel, { progress }: FieldRun, fields: readonly FieldFile[]): ModelRow {
  const scores = fieldMapOf(progress.sums.at(-1) as FieldSum);
  const isTiny = Math.min(...scores.dims) < 3;
  const { l1 = null, l1Normalized = null } = isTiny ? {} : deadPixelIndices(scores);
  const field = fields.at(-1) as FieldFile;
  const { labelled, correct } = progress;
  return {
    model: model.name,
    layer: field.layer,
    n: field.n,
    sigmaX: field.converged ? field.sigmaX : null,
    sigmaY: field.converged ? field.sigmaY : null,
    r2: field.r2,
    theoretical: field.theoretical?.size ?? null,
    l1,
    l1Normalized,
    parameters: parameterCount(model.info),
    labelled,
    accuracy: labelled > 0 ? correct / labelled : null,
  };
}

const noField = (found: readonly FieldsOfModel[]): UsageError =>
  new UsageError("no-field", `none of the ${found.length} models has a field that can be measured.`, {
    hint: `The first: ${found[0]?.failure}`,
  });
