// Finds the concepts of a list of images and writes pictures, maps, vectors and concepts.json. Images are read twice, once for
// their features and once for their pictures, so that a folder never lies in memory whole.
import { join } from "node:path";
import { UsageError } from "@snellen/graph";
import {
  type Concept,
  type Concepts,
  conceptMaps,
  conceptPicture,
  concepts,
  type ImageInput,
  MOST_CONCEPTS,
  type PreprocessSpec,
  parseSigma,
  pictureOf,
  streamInOrder,
  upsampling,
} from "snellen";
import {
  encodePng,
  ensureFolder,
  type ImageEntry,
  type OpenedModel,
  writeFileAtomic,
  writeNpy,
} from "snellen/node";
import type { ConceptFlags } from "../commands/concepts.ts";
import type { CommandContext } from "../main.ts";
import { batchOf, noteAssumptions, openImagesWithFlags } from "../open.ts";
import { outputStems } from "../output-names.ts";
import { EXIT, type Terminal } from "../terminal.ts";

/** concepts.json; part of the command line's contract. */
export interface ConceptReport {
  readonly model: string;
  readonly layer: string;
  readonly components: number;
  readonly upsampling: string;
  readonly sigma: string;
  readonly seed: number;
  readonly preprocessing: PreprocessSpec & { readonly origin: string };
  /** |V − W·H| / |V| over all images. */
  readonly error: number;
  /** Share of the squared features that lay below zero and was left out. */
  readonly negativeShare: number;
  /** Why concepts have no classes; null where they have. */
  readonly whyNoClasses: string | null;
  /** File of the concepts' vectors. */
  readonly vectors: string;
  readonly concepts: readonly {
    /** Share of the squared features of all images that it accounts for. */
    readonly share: number;
    readonly classes: readonly {
      readonly index: number;
      readonly name: string | null;
      readonly score: number;
    }[];
  }[];
  readonly images: readonly {
    readonly image: string;
    /** Mean of each concept's cells. */
    readonly means: readonly number[];
    /** In the report's folder. */
    readonly files: { readonly picture: string; readonly maps: string };
  }[];
  readonly skipped: readonly { readonly image: string; readonly reason: string }[];
}

/** An image that could be read. */
interface Item {
  readonly entry: ImageEntry;
  readonly stem: string;
}

export async function writeConcepts(
  model: OpenedModel,
  inputs: readonly string[],
  flags: ConceptFlags,
  { terminal, signal }: CommandContext,
): Promise<number> {
  requireColors(flags.components);
  upsampling(flags.upsampling);
  parseSigma(flags.sigma);
  const { entries } = await openImagesWithFlags(model, inputs, flags, terminal);
  await ensureFolder(flags.out);
  noteAssumptions(model, entries, flags, terminal);

  const [items, skipped] = [[] as Item[], [] as ConceptReport["skipped"][number][]];
  const stems = outputStems(entries.map(({ source }) => source));
  const stream = streamInOrder(
    entries.map((entry, i) => ({
      source: entry.source,
      read: async () => ({ item: { entry, stem: stems[i] as string }, image: await entry.read() }),
    })),
    {
      signal,
      onSkip: ({ source, error }) => {
        skipped.push({ image: source, reason: error.message });
        terminal.warn(`skipped ${error.message}`);
      },
    },
  );
  const found = await concepts(model, noting(stream, items), {
    ...flags,
    batch: batchOf(flags),
    signal,
    onProgress: (step, done) =>
      step === "features"
        ? terminal.progress("features", (done + skipped.length) / entries.length)
        : terminal.progress("concepts", done),
  });
  warn(found, terminal);
  const images: ConceptReport["images"][number][] = [];
  for (const [n, item] of items.entries()) {
    signal.throwIfAborted();
    images.push(await writeImage(model, found, n, item, flags));
    terminal.progress("pictures", (n + 1) / items.length);
  }
  const report = await writeReport(model, found, flags, { images, skipped });
  terminal.result(report, () => summary(report, flags.out));
  return skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}

/** More could not be told apart by colour. @throws UsageError `too-many-concepts` */
function requireColors(components: number): void {
  if (components <= MOST_CONCEPTS) return;
  throw new UsageError("too-many-concepts", `${components} concepts cannot be told apart by colour.`, {
    where: "--components",
    hint: `Ask for ${MOST_CONCEPTS} at most.`,
  });
}

/** The images of a stream; which they were goes to `items`. */
async function* noting(
  stream: AsyncIterable<{ readonly item: Item; readonly image: ImageInput }>,
  items: Item[],
): AsyncGenerator<ImageInput> {
  for await (const { item, image } of stream) {
    items.push(item);
    yield image;
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

/** Below this share nobody needs to hear of features that were left out. */
const LITTLE = 0.01;

function warn({ negativeShare, layer, images, whyNoClasses }: Concepts, terminal: Terminal): void {
  if (negativeShare > LITTLE)
    terminal.warn(
      `${percent(negativeShare)} of the squared features of "${layer.value}" lies below zero and was left out; behind a ReLU nothing does.`,
    );
  if (images.length === 1)
    terminal.note("one image: the concepts are parts of it, not what several have in common.");
  if (whyNoClasses !== undefined) terminal.note(`no classes are named: ${whyNoClasses}.`);
}

/** What a concept is called on pictures. */
const labelOf = ({ classes: [best], share }: Concept): string =>
  best === undefined
    ? `${percent(share)} of the features`
    : `${best.className ?? `class ${best.classIndex}`} ${best.score.toFixed(1)}`;

async function writeImage(
  model: OpenedModel,
  found: Concepts,
  n: number,
  { entry, stem }: Item,
  flags: ConceptFlags,
): Promise<ConceptReport["images"][number]> {
  const image = found.images[n] as Concepts["images"][number];
  const picture = pictureOf(model.info, await entry.read());
  const maps = await conceptMaps(model, found, image, flags);
  const painted = conceptPicture(picture, maps, found.concepts.map(labelOf), { opacity: flags.opacity });
  const files = { picture: `${stem}__concepts.png`, maps: `${stem}__concepts.npy` };
  await writeFileAtomic(join(flags.out, files.picture), await encodePng(painted));
  const values = new Float32Array(maps.length * picture.width * picture.height);
  for (const [c, map] of maps.entries()) values.set(map.values, c * map.values.length);
  await writeNpy(join(flags.out, files.maps), {
    shape: [maps.length, picture.height, picture.width],
    values,
  });
  const means = image.cells.map((cells) => cells.values.reduce((a, v) => a + v, 0) / cells.values.length);
  return { image: image.source, means, files };
}

async function writeReport(
  model: OpenedModel,
  found: Concepts,
  flags: ConceptFlags,
  lists: Pick<ConceptReport, "images" | "skipped">,
): Promise<ConceptReport> {
  const { layer, error, negativeShare, whyNoClasses } = found;
  const { spec, origin } = model.info.preprocessing;
  const vectors = new Float32Array(found.concepts.length * layer.channels);
  for (const [c, { vector }] of found.concepts.entries()) vectors.set(vector, c * layer.channels);
  const report: ConceptReport = {
    model: model.name,
    layer: layer.value,
    components: flags.components,
    upsampling: flags.upsampling,
    sigma: flags.sigma,
    seed: flags.seed,
    preprocessing: { ...spec, origin },
    error,
    negativeShare,
    whyNoClasses: whyNoClasses ?? null,
    vectors: "vectors.npy",
    concepts: found.concepts.map(({ share, classes }) => ({
      share,
      classes: classes.map(({ classIndex, className, score }) => ({
        index: classIndex,
        name: className ?? null,
        score,
      })),
    })),
    ...lists,
  };
  await writeNpy(join(flags.out, report.vectors), {
    shape: [found.concepts.length, layer.channels],
    values: vectors,
  });
  await writeFileAtomic(join(flags.out, "concepts.json"), `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

function summary({ concepts, layer, error, images, skipped }: ConceptReport, out: string): string {
  const lines = concepts.map(({ share, classes }, c) => {
    const named = classes.map(({ index, name, score }) => `${name ?? `class ${index}`} ${score.toFixed(1)}`);
    return [`${c + 1}  ${percent(share)} of the features`, ...named].join("  ");
  });
  const tail = skipped.length === 0 ? "" : `, ${skipped.length} skipped`;
  const many = images.length === 1 ? "1 image" : `${images.length} images`;
  return [
    ...lines,
    `${concepts.length} concepts of layer ${layer} in ${many}${tail}, error ${error.toFixed(3)}: ${out}`,
  ].join("\n");
}
