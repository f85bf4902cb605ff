// From "these axes share statistics" to what people call it: batch, group, instance, layer or RMS normalization, with its
// channels, its groups and the constants that are its scale and bias.
import { dimsOf, elementCount } from "@snellen/graph";
import type { FormContext, Normalization, NormalizationKind } from "../normalization.ts";
import { axisParts, type Part } from "./axis-parts.ts";
import type { Core, Sandwich } from "./core.ts";
import { type Reading, readingsOf } from "./readings.ts";
import { type Affine, affineAfter, graphOrder } from "./support.ts";

/**
 * @param sandwich the Reshapes around the core, where they belong to it
 * @returns undefined when the axes are those of no normalization
 */
export function placed(context: FormContext, core: Core, sandwich?: Sandwich): Normalization | undefined {
  const { shapes } = context;
  const input = sandwich?.input ?? core.input;
  const dims = dimsOf(shapes, input);
  const probe = shapes.probes[0]?.get(core.input)?.dims;
  if (dims === undefined || probe === undefined) return undefined;
  const parts = sandwich?.parts ?? axisParts(probe, probe, core.axes) ?? [];
  const readings = readingsOf(context, core, parts, {
    input,
    dims,
    isReshaped: sandwich !== undefined,
    channelAxis: sandwich?.channelAxis,
  });
  const output = sandwich?.output ?? core.output;
  const hasOwn = core.scale !== null || core.bias !== null;
  const tries = readings.map((reading) => ({
    reading,
    affine: hasOwn ? ownAffine(core, output) : affineAfter(context, output, reading),
    fits: hasOwn && liesAlong(core, parts, reading, dims[reading.channelAxis] as number),
  }));
  const best = tries.find(({ fits, affine }) => fits || (!hasOwn && affine.nodes.length > 0)) ?? tries[0];
  if (best === undefined) return undefined;
  const { reading, affine } = best;
  const nodes = [...(sandwich?.nodes ?? []), ...core.nodes, ...affine.nodes];
  return {
    form: core.form,
    kind: kindOf(core, reading),
    node: core.node,
    nodes: [...new Set(nodes)].sort(graphOrder(context)),
    input,
    normalized: hasOwn && sandwich === undefined ? core.normalized : output,
    output: affine.output,
    channelAxis: reading.channelAxis,
    channels: dims[reading.channelAxis] as number,
    groups: reading.groups,
    acrossPositions: reading.acrossPositions,
    epsilon: core.epsilon,
    scale: affine.scale,
    bias: affine.bias,
    perGroup: hasOwn && isPerGroup(core, parts, reading),
  };
}

const kindOf = ({ isCentred }: Core, { kind }: Reading): NormalizationKind => (isCentred ? kind : "rms");

const ownAffine = ({ scale, bias }: Core, output: string): Affine => ({ output, scale, bias, nodes: [] });

/** The parts of the axes that the scale or bias differs along. */
const variedBy = ({ affineDims = [] }: Core, parts: readonly Part[]): Part[] =>
  parts.filter(({ inner }) => (affineDims[inner] ?? 1) !== 1);

/** Whether the scale or bias is one number a channel, or a group. */
function liesAlong(core: Core, parts: readonly Part[], reading: Reading, channels: number): boolean {
  const varied = variedBy(core, parts);
  const numbers = elementCount(varied.map((p) => p.size));
  const isChannels = numbers === channels || numbers === reading.groups;
  return varied.every(({ outer }) => outer === reading.channelAxis) && isChannels;
}

function isPerGroup(core: Core, parts: readonly Part[], reading: Reading): boolean {
  const varied = variedBy(core, parts);
  return (
    reading.kind === "group" &&
    varied.length > 0 &&
    varied.every((p) => p.outer === reading.channelAxis && !p.isReduced)
  );
}
