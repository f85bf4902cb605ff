// Which of four categories each normalization scale γ is in, and whether to decay it, decided on the graph alone.
// Kim et al., arXiv:2205.07260, fix the categories; the rules that tell them apart are derived here.
import { describeNode, type Model, type Node, type Shapes } from "@snellen/graph";
import type { DescribedModel } from "../../vision-model/describe.ts";
import { expandFusedNormalizations, findNormalizations } from "../find-normalizations.ts";
import { createFlow } from "../flow.ts";
import { graphOrder, numbersOf } from "../forms/support.ts";
import { nameParameters, type ParameterName } from "../naming/parameter-names.ts";
import { createOrigins } from "../naming/parameter-origins.ts";
import type { TrainingParameters } from "../naming/training-parameters.ts";
import type { Normalization, NormalizationKind } from "../normalization.ts";
import { findResidualAdds, type ResidualAdd } from "../residual-adds.ts";
import { type Judgement, judgeReach } from "./judge-reach.ts";
import { findLayerScales, type LayerScale } from "./layer-scales.ts";
import { reachOf } from "./reach.ts";

/** One use of a γ in the graph. */
export interface GammaPlace extends Judgement {
  readonly node: Node;
  /** The value that γ scales: what the evidence multiplies. */
  readonly output: string;
  /** Its numbers, as the graph has them. */
  readonly constant: string;
  readonly kind: NormalizationKind | "layer-scale";
  readonly channels: number;
  readonly name: ParameterName;
  /** All its numbers are 1: frozen (`scale=False`), or not trained yet. Undefined where they are not in memory. */
  readonly isOnes: boolean | undefined;
}

/** A γ with all places that use it. */
export interface ClassifiedGamma extends Omit<GammaPlace, "output"> {
  /** More than one where modules share a γ; it decays only if each place says so. */
  readonly places: readonly GammaPlace[];
}

export interface ClassifiedGammas {
  /** The graph that the nodes are of: the canonical one, with sums that were fused into normalizations as Adds. */
  readonly graph: { readonly model: Model; readonly shapes: Shapes };
  /** In graph order. */
  readonly gammas: readonly ClassifiedGamma[];
  readonly residuals: readonly ResidualAdd[];
  readonly normalizations: readonly Normalization[];
  /** Normalizations that scale nothing. */
  readonly withoutGamma: number;
}

export interface ClassifyOptions {
  /** Parameters of the training code, to name γ by. */
  readonly training?: TrainingParameters;
}

/** Classifies every γ of a model; nothing is run. */
export function classifyGammas(info: DescribedModel, { training }: ClassifyOptions = {}): ClassifiedGammas {
  const { model, shapes } = expandFusedNormalizations(info.model, info.shapes);
  const normalizations = findNormalizations(model, shapes);
  const flow = createFlow(model, shapes, info.input.name, normalizations);
  const residuals = findResidualAdds(flow);
  const outputs = new Set([...model.graph.outputs.map((v) => v.name), info.logits.value]);
  const scaled = normalizations.filter(({ scale }) => scale !== null);
  const uses = [...scaled.map(useOfNormalization), ...findLayerScales(flow, residuals).map(useOfLayerScale)];
  const origin = createOrigins(info.original, flow.index);
  const names = nameParameters(
    flow.index,
    uses.map((use) => ({ ...use, origin: origin(use) })),
    training,
  );
  const places = uses.map((use, i): GammaPlace => {
    const reach = reachOf({ flow, residuals, outputs }, use.output);
    const { node, output, constant, kind, channels } = use;
    return {
      node,
      output,
      constant,
      kind,
      channels,
      name: names[i] as ParameterName,
      isOnes: numbersOf(flow.index, use.constant)?.every((n) => n === 1),
      ...judgeReach(flow, reach, use),
    };
  });
  const inOrder = graphOrder(flow);
  return {
    graph: { model, shapes },
    gammas: gathered(places.sort((a, b) => inOrder(a.node, b.node))),
    residuals,
    normalizations,
    withoutGamma: normalizations.length - scaled.length,
  };
}

/** A γ before anything is known of it. */
interface GammaUse {
  readonly node: Node;
  readonly nodes: readonly Node[];
  readonly constant: string;
  readonly output: string;
  readonly kind: NormalizationKind | "layer-scale";
  readonly channels: number;
  /** The one or the other. */
  readonly normalization: Normalization | undefined;
  readonly layerScale: LayerScale | undefined;
}

const useOfNormalization = (normalization: Normalization): GammaUse => ({
  node: normalization.node,
  nodes: normalization.nodes,
  constant: normalization.scale as string,
  output: normalization.output,
  kind: normalization.kind,
  channels: normalization.perGroup
    ? (normalization.groups ?? normalization.channels)
    : normalization.channels,
  normalization,
  layerScale: undefined,
});

const useOfLayerScale = (layerScale: LayerScale): GammaUse => ({
  node: layerScale.node,
  nodes: [layerScale.node],
  constant: layerScale.scale,
  output: layerScale.output,
  kind: "layer-scale",
  channels: layerScale.channels,
  normalization: undefined,
  layerScale,
});

/** One entry a parameter. Of several places the first that forbids decay decides. */
function gathered(places: readonly GammaPlace[]): ClassifiedGamma[] {
  const byName = new Map<string, GammaPlace[]>();
  for (const place of places) {
    const sharing = byName.get(place.name.name);
    if (sharing === undefined) byName.set(place.name.name, [place]);
    else sharing.push(place);
  }
  return [...byName.values()].map((sharing) => {
    const { output: _, ...deciding } = sharing.find(({ decay }) => !decay) ?? (sharing[0] as GammaPlace);
    return { ...deciding, places: sharing, reason: sharedReason(deciding, sharing) };
  });
}

function sharedReason(
  { reason, node }: { reason: string; node: Node },
  places: readonly GammaPlace[],
): string {
  if (places.length === 1) return reason;
  const others = places.filter((place) => place.node !== node);
  const said = others.map((place) => `at ${describeNode(place.node)} it is ${place.category}`);
  return `${reason}; ${places.length} places share it: ${said.join(", ")}, and it decays only if all say so`;
}
