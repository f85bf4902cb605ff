// `reproduce groups` on the user's own networks: gains of their layers beside the closed form, ideal groups, and how long the
// gradient is with them. arXiv:2302.03193; methods.md §1.
import { ImageError, SnellenError, UsageError } from "@snellen/graph";
import type { ImageInput } from "../../images/image.ts";
import { adviseGroups, type GroupAdvice, groupedBlocks } from "../../normalization/groups/advise-groups.ts";
import { measureGains } from "../../normalization/groups/measure-gains.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { Estimate } from "../jackknife.ts";
import { piece, type Study } from "../study.ts";
import { scaled } from "./agreement.ts";
import { blockFormula, inputStatistics } from "./formula.ts";

/** A network to measure, and the images that it runs on. */
export interface GivenModel {
  readonly name: string;
  readonly model: VisionModel;
  readonly kind: "images" | "gaussian";
  readonly images: readonly ImageInput[];
}

/** One layer with the groups that it has. */
export interface GivenLayer {
  readonly node: string;
  readonly channels: number;
  readonly groups: number;
  /** With a scale of 1, as the closed form has it; interval over images. */
  readonly measured: Estimate;
  /** Measured over the closed form that knows what the layer reads; null where there is none, or out of its range. */
  readonly ratioInformed: Estimate | null;
}

export interface GivenResult {
  readonly name: string;
  readonly images: number;
  readonly kind: GivenModel["kind"];
  readonly layers: readonly GivenLayer[];
  /** With the network's own scales; null where it was refused. */
  readonly advice: GroupAdvice | null;
  /** Why nothing could be measured; null where it could. */
  readonly refused: string | null;
}

export async function givenResults(study: Study, models: readonly GivenModel[]): Promise<GivenResult[]> {
  const results: GivenResult[] = [];
  for (const [i, given] of models.entries()) {
    results.push(await piece(study, `given ${given.name}`, () => resultOf(given, study)));
    study.onProgress?.("given networks", (i + 1) / models.length);
  }
  return results;
}

async function resultOf(given: GivenModel, study: Study): Promise<GivenResult> {
  const { name, kind, images } = given;
  const facts = { name, kind, images: images.length };
  try {
    const layers = await layersOf(given, study);
    const { seed, signal } = study;
    const advice = await adviseGroups(given.model, { kind, images }, { seed, signal });
    return { ...facts, layers, advice, refused: null };
  } catch (error) {
    if (!(error instanceof SnellenError && error.userFault) || isOfInput(error)) throw error;
    return { ...facts, layers: [], advice: null, refused: error.message };
  }
}

const isOfInput = (error: SnellenError): boolean =>
  error instanceof ImageError || error instanceof UsageError;

async function layersOf({ model, images }: GivenModel, { seed, signal }: Study): Promise<GivenLayer[]> {
  const blocks = groupedBlocks(model.info);
  const inputs = await inputStatistics(model, blocks, images, signal);
  const found = await measureGains(model, blocks, images, {
    candidates: ({ normalization }) => [normalization.groups ?? 1],
    affine: () => "unit",
    seed,
    signal,
  });
  return blocks.map((block, l): GivenLayer => {
    const { channels, node, groups } = block.normalization;
    const own = groups ?? 1;
    const { gain, low, high } = found[l]?.[0] ?? { gain: 0, low: null, high: null };
    const measured: Estimate = { value: gain, interval: low === null || high === null ? null : [low, high] };
    const formula = blockFormula(block, own, inputs[l]);
    const isKnown = formula?.isValid === true && formula.gain !== null;
    return {
      node: node.name || (node.outputs[0] ?? ""),
      channels,
      groups: own,
      measured,
      ratioInformed: isKnown ? scaled(measured, 1 / (formula.gain as number)) : null,
    };
  });
}
