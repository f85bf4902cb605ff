// Runs `snellen reproduce extended-cam` on the embedded networks and, where one is given, on the user's; writes its page.
import { join } from "node:path";
import {
  annotateOptotype,
  DEFAULT_MEASURES,
  documentHtml,
  documentMarkdown,
  extendedCamDocument,
  type Image,
  makeOptotype,
  measure,
  reproduceExtendedCam,
  type StudyRow,
  type Trial,
} from "snellen";
import { ensureFolder, type OpenedModel, openModel, readMask, writeFileAtomic } from "snellen/node";
import type { ReproduceFlags } from "./commands/reproduce.ts";
import { EMBEDDED } from "./embedded.ts";
import { openJournal } from "./journal.ts";
import type { CommandContext } from "./main.ts";
import { noteAssumptions, openImagesWithFlags, openWithFlags, required } from "./open.ts";
import { EXIT } from "./terminal.ts";

export async function runExtendedCam(
  path: string | undefined,
  flags: ReproduceFlags,
  context: CommandContext,
): Promise<number> {
  const models: OpenedModel[] = [];
  try {
    return await experiment(path, flags, context, models);
  } finally {
    for (const model of models) await model[Symbol.asyncDispose]();
  }
}

/** @param models gets every model that is opened, for the caller to dispose of */
async function experiment(
  path: string | undefined,
  flags: ReproduceFlags,
  { terminal, signal }: CommandContext,
  models: OpenedModel[],
): Promise<number> {
  const measures = flags.measures?.split(",").map((id) => measure(id.trim())) ?? DEFAULT_MEASURES;
  const open = async (opening: Promise<OpenedModel>): Promise<OpenedModel> => {
    const model = await opening;
    models.push(model);
    return model;
  };
  const trials: Trial[] = [];
  const masks = new Map<string, Awaited<ReturnType<typeof readMask>>>();
  for (const file of EMBEDDED.models) {
    const model = await open(openModel(join(EMBEDDED.folder, file)));
    trials.push({ name: model.name.replace(/\.onnx$/, ""), model, entries: optotypeEntries(flags, masks) });
  }
  if (path !== undefined) {
    const model = await open(openWithFlags(path, flags, terminal));
    const { entries } = await openImagesWithFlags(model, required(flags.images, "images", "photos/"), flags);
    noteAssumptions(model, entries, flags, terminal);
    const annotated = entries.filter(
      ({ label }) => (label.box ?? label.maskFile) !== undefined || (label.objects ?? []).length > 0,
    );
    trials.push({ name: model.name.replace(/\.onnx$/, ""), model, entries: annotated.slice(0, flags.limit) });
  }
  await ensureFolder(flags.out);
  const settings = {
    seed: flags.seed,
    measures: measures.map(({ id }) => id),
    models: models.map(({ name, info }) => ({
      name,
      scores: info.logits.value,
      preprocessing: info.preprocessing,
    })),
  };
  const journal = await openJournal<{ key: string; rows: readonly StudyRow[] }>(
    join(flags.out, "extended-cam.jsonl"),
    settings,
    flags.resume === true,
  );
  if (journal.earlier === undefined)
    terminal.note(`--resume: the journal in ${flags.out} is of other settings; all is made anew.`);
  const known = new Map((journal.earlier ?? []).map(({ key, rows }) => [key, rows]));
  const result = await reproduceExtendedCam(trials, {
    readMask: async (file) => masks.get(file) ?? (await readMask(file)),
    seed: flags.seed,
    measures,
    signal,
    recall: (key) => known.get(key),
    keep: (key, rows) => journal.add({ key, rows }),
    onProgress: (step, done) => terminal.progress(step, done),
  });
  const document = extendedCamDocument(result);
  const write = (ending: string, text: string) =>
    writeFileAtomic(join(flags.out, `extended-cam.${ending}`), text);
  await write("json", `${JSON.stringify(result, null, 1)}\n`);
  await write("md", documentMarkdown(document));
  await write("html", documentHtml(document));
  terminal.result(result, () =>
    [...(document.sections[0]?.text ?? []), `page: ${join(flags.out, "extended-cam.html")}`].join("\n"),
  );
  return EXIT.done;
}

/** Seeds of the networks' training images start at other numbers (models/README.md). */
const OPTOTYPE_SEED = 77_000;

/** Newly made letters; their masks are kept in memory under the names that the images give them. */
function optotypeEntries(flags: ReproduceFlags, masks: Map<string, Awaited<ReturnType<typeof readMask>>>) {
  return Array.from({ length: flags.limit ?? 0 }, (_, index) => {
    const source = `optotype ${flags.seed}/${index}`;
    const read = async (): Promise<Image> => {
      const sample = makeOptotype({ seed: OPTOTYPE_SEED + flags.seed, index });
      const { classIndex, box } = annotateOptotype(sample, source, source);
      const { width, height } = sample.image;
      masks.set(source, { width, height, data: sample.mask });
      return { ...sample.image, source, classIndex, box, maskFile: source };
    };
    return { source, read };
  });
}
