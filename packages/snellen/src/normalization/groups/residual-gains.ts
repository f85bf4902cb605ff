// Gradient gain of whole residual blocks: of the sum of skip and branch, from the block's input to what leaves its Add.
// methods.md §1 ("residual block: gain of the sum of the skip and the branch").
import { dataTypeOf, dimsOf, type Model, nodeTitle } from "@snellen/graph";
import type { ImageInput } from "../../images/image.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { findNormalizations } from "../find-normalizations.ts";
import { createFlow, type Flow } from "../flow.ts";
import { findResidualAdds, type ResidualAdd } from "../residual-adds.ts";
import { variantsGraph } from "./gain-graph.ts";
import { imageElements } from "./layer-block.ts";
import { type Gain, type MeasuredPart, type MeasurePartsOptions, measureParts } from "./measure-parts.ts";
import { type GroupEdit, rewriteGroups } from "./rewrite-groups.ts";

export interface ResidualGain {
  /** The Add. */
  readonly node: string;
  readonly kind: ResidualAdd["kind"];
  /** What skip and branch are both computed from. */
  readonly input: string;
  readonly output: string;
  /** Elements that leave the block over those that enter it. */
  readonly sizeRatio: number;
  /** As the network is, and with the advised groups inside the block. */
  readonly now: Gain;
  readonly advised: Gain;
}

/**
 * Measures blocks that hold a normalization whose groups are to change.
 * @param edits the advised groups
 * @throws UnsupportedError `no-gradient-rule`; what running throws
 */
export async function residualGains(
  model: VisionModel,
  edits: readonly GroupEdit[],
  images: readonly ImageInput[],
  options: MeasurePartsOptions = {},
): Promise<ResidualGain[]> {
  const { info } = model;
  const flow = createFlow(
    info.model,
    info.shapes,
    info.input.name,
    findNormalizations(info.model, info.shapes),
  );
  const blocks = findResidualAdds(flow).flatMap((add) => {
    const input = inputOf(flow, add);
    const inside = input === undefined ? [] : edits.filter((edit) => isInside(flow, add, input, edit));
    return input === undefined || inside.length === 0 ? [] : [{ add, input, inside }];
  });
  const size = (value: string): number => imageElements(info.shapes, value);
  const parts = blocks.flatMap(({ add, input, inside }) => {
    const output = add.node.outputs[0] as string;
    return [[], inside].map(
      (changed, i): MeasuredPart => ({
        key: `residual ${output} ${i} ${changed.map(({ groups }) => groups).join()}`,
        input,
        output,
        inputSize: size(input),
        outputSize: size(output),
        variants: 1,
        graph: () => partGraph(info, input, output, changed),
      }),
    );
  });
  const gains = await measureParts(model, parts, images, options);
  return blocks.map(({ add, input }, i) => {
    const output = add.node.outputs[0] as string;
    return {
      node: nodeTitle(add.node),
      kind: add.kind,
      input,
      output,
      sizeRatio: size(output) / size(input),
      now: gains[2 * i]?.[0] as Gain,
      advised: gains[2 * i + 1]?.[0] as Gain,
    };
  });
}

/** The skip itself, or the last value of real numbers that skip and branches are all computed from. */
function inputOf(flow: Flow, { kind, skip, branches }: ResidualAdd): string | undefined {
  if (kind === "identity") return skip;
  const behind = [skip, ...branches].map((value) => flow.behind(value).values);
  const shared = (value: string): boolean =>
    isReal(flow, value) && flow.isImage(value) && behind.every((values) => values.has(value));
  return flow.nodes.flatMap(({ outputs }) => outputs).findLast(shared);
}

/** Codes of quantized values have no gradient, and the scale that a batch is quantized with is no value of a picture. */
const isReal = ({ shapes }: Flow, value: string): boolean =>
  dataTypeOf(shapes, value)?.startsWith("float") === true && (dimsOf(shapes, value) ?? []).length > 0;

function isInside(
  flow: Flow,
  { branches, skip }: ResidualAdd,
  input: string,
  { normalization }: GroupEdit,
): boolean {
  const own = (value: string) => flow.behind(value).nodes.has(normalization.node);
  return [skip, ...branches].some(own) && !flow.behind(input).nodes.has(normalization.node);
}

function partGraph(info: DescribedModel, input: string, output: string, edits: readonly GroupEdit[]): Model {
  const { model, shapes } = rewriteGroups(info.model, info.shapes, edits);
  return variantsGraph(model, shapes, { input, output }, () => [() => output]);
}
