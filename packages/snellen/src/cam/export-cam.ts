// The model with its heat map as further outputs, one graph that any ONNX Runtime runs:
// image → the model's own outputs, heatmap [N, H, W], heatmap_cells [N, h, w], heatmap_class [N], heatmap_score [N].
import { type GraphBuilder, type Model, makeNode, removeDead, UnsupportedError } from "@snellen/graph";
import { VERSION } from "../version.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import { graphOfMaps, type TargetMaps } from "./cam-graph.ts";
import { bakeInput, exportTargets } from "./export-targets.ts";
import type { CamMethod } from "./method.ts";
import { type CamOptions, planOf } from "./run-cams.ts";
import type { Plan } from "./run-plan.ts";
import type { Target } from "./targets/index.ts";

/** Options of `exportCam`: those of heat maps. `augSmooth` is refused, as it takes several runs. */
export interface ExportCamOptions extends Omit<CamOptions, "method" | "target" | "signal" | "onProgress"> {
  /** Method ids; default `grad-cam`. */
  readonly method?: string | readonly string[];
  /**
   * As for maps of images, but for what depends on an image (`label`); `input` leaves the choice to a further input of the model,
   * int64 [N]: class indices, or −k for the k-th highest score. Default `top1`.
   */
  readonly target?: Target | readonly Target[];
}

/** A model with heat maps as further outputs, and what each of them holds. */
export interface ExportedCam {
  readonly model: Model;
  /** The input that takes class indices; undefined without the target `input`. */
  readonly targetInput: string | undefined;
  readonly outputs: readonly ExportedOutput[];
  /** What people should know of the file, in words. */
  readonly notes: readonly string[];
}

/** An output behind the model's own. */
export interface ExportedOutput {
  readonly name: string;
  readonly holds: "map" | "cells" | "class" | "score";
  /** Undefined for what is the same with all of them. */
  readonly method: string | undefined;
  readonly target: string;
}

/**
 * Extends a model by heat maps. Names that the model has already get a number behind them.
 * @throws UnsupportedError `not-one-graph` for what takes several runs, and what `graphOfMaps` throws
 * @throws UsageError `target-needs-image`; for an unknown method, layer, target or upsampling, `bad-sigma`
 */
export function exportCam(described: DescribedModel, options: ExportCamOptions = {}): ExportedCam {
  const ids = [options.method ?? "grad-cam"].flat();
  const targets = exportTargets(described, options.target ?? "top1");
  const plan = { ...planOf(described, [...new Set(ids)], { ...options, target: [] }), targets };
  requireOneGraph(plan, options);
  const outputs: ExportedOutput[] = [];
  const indices: string[] = [];
  let targetInput: string | undefined;
  const model = graphOfMaps(
    described,
    { ...plan, targets: targets.map(({ kind }) => kind) },
    {
      kept: described.model.graph.outputs,
      inputOf(b, t, input, scores) {
        const fixed = targets[t]?.values?.[input.name];
        if (fixed === undefined)
          return (targetInput ??= b.input("target", input.dataType, [b.dims(scores)[0] as number]));
        const { value, neverNegative } = bakeInput(b, input, fixed, scores);
        if (neverNegative) indices.push(value);
        return value;
      },
      declare: (b, _, made) => outputs.push(...declareOutputs(b, plan, made)),
    },
  );
  return {
    model: withFacts(
      withBatchDeclared(withoutRanks(model, indices), described.input.name, outputs),
      described,
      plan,
      options,
    ),
    targetInput,
    outputs,
    notes: notesOf(described, plan.methods),
  };
}

/** @throws UnsupportedError `not-one-graph` */
function requireOneGraph({ methods }: Plan, { augSmooth }: ExportCamOptions): void {
  const slow = methods.find(({ kind }) => kind === "channels");
  if (slow !== undefined) {
    throw new UnsupportedError(
      "not-one-graph",
      `${slow.title} runs the network again for every channel, so that no single graph holds it.`,
      {
        where: `--method ${slow.id}`,
        hint: "Use one that takes a gradient, such as extended-cam, grad-cam or layer-cam.",
      },
    );
  }
  if (augSmooth !== true) return;
  throw new UnsupportedError("not-one-graph", "runs the network on six versions of the image.", {
    where: "--aug-smooth",
    hint: "Leave it out; --eigen-smooth stays inside the graph.",
  });
}

function declareOutputs(b: GraphBuilder, plan: Plan, made: readonly TargetMaps[]): ExportedOutput[] {
  const outputs: ExportedOutput[] = [];
  const add = (value: string, holds: ExportedOutput["holds"], target: string, method?: string): void => {
    const wish = [
      holds === "map" ? "heatmap" : `heatmap_${holds}`,
      ...(method !== undefined && plan.methods.length > 1 ? [safeName(method)] : []),
      ...(plan.targets.length > 1 ? [safeName(target)] : []),
    ];
    outputs.push({ name: b.output(value, wish.join("_")), holds, method, target });
  };
  made.forEach(({ maps, index, score }, t) => {
    const target = plan.targets[t]?.name ?? "";
    maps.forEach(({ map, cells }, m) => {
      const method = plan.methods[m]?.id;
      add(map, "map", target, method);
      add(cells, "cells", target, method);
    });
    add(index, "class", target);
    add(score, "score", target);
  });
  return outputs;
}

/** A text as a part of an ONNX name, which is an identifier of C. */
const safeName = (text: string): string =>
  text
    .replaceAll("+", "_plus")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^_|_$/g, "") || "target";

/** Where(i < 0, the class of rank −i, i) is i for indices that are never negative: no scores are sorted then. */
function withoutRanks(model: Model, indices: readonly string[]): Model {
  const isIndex = (name: string | undefined) => name !== undefined && indices.includes(name);
  const { nodes } = model.graph;
  const never = nodes.filter((n) => n.opType === "Less" && isIndex(n.inputs[0])).flatMap((n) => n.outputs);
  const settled = nodes.map((node) => {
    const [condition = "", , otherwise = ""] = node.inputs;
    const isSettled = node.opType === "Where" && never.includes(condition) && isIndex(otherwise);
    return isSettled ? makeNode("Identity", [otherwise], node.outputs, { name: node.name }) : node;
  });
  return removeDead({ ...model, graph: { ...model.graph, nodes: settled } });
}

/** The outputs' first dimension by the image's own name for its batch. */
function withBatchDeclared(model: Model, image: string, added: readonly ExportedOutput[]): Model {
  const batch = model.graph.inputs.find(({ name }) => name === image)?.dims?.[0];
  const names = new Set(added.map(({ name }) => name));
  const outputs = model.graph.outputs.map((v) =>
    names.has(v.name) ? { ...v, dims: v.dims?.map((d, axis) => (axis === 0 ? batch : d)) } : v,
  );
  return { ...model, graph: { ...model.graph, outputs } };
}

/** How the maps were made, in the file's metadata. */
function withFacts(
  model: Model,
  { input }: DescribedModel,
  plan: Plan,
  { sigma = "stride" }: ExportCamOptions,
): Model {
  const usesLayer = plan.methods.some(({ kind }) => kind !== "pixels");
  const facts = {
    version: VERSION,
    method: plan.methods.map(({ id }) => id).join(", "),
    layer: usesLayer ? plan.layers.map(({ value }) => value).join(", ") : input.name,
    target: plan.targets.map(({ name }) => name).join(", "),
    upsampling: usesLayer ? plan.upsampling.id : "none",
    ...(usesLayer && plan.upsampling.id === "gaussian" ? { sigma: String(sigma) } : {}),
    ...(plan.head === "homogeneous" ? { head: plan.head } : {}),
  };
  const entries = Object.entries(facts).map(([key, value]): [string, string] => [`snellen.${key}`, value]);
  return { ...model, metadata: new Map([...model.metadata, ...entries]) };
}

function notesOf(described: DescribedModel, methods: readonly CamMethod[]): string[] {
  const { file, model, batch } = described;
  const halves = [...file.inputs, ...file.outputs]
    .filter(({ dataType }) => dataType === "float16" || dataType === "bfloat16")
    .map(({ name }) => name);
  const caveats = methods.flatMap((method) => {
    const caveat = method.kind === "pixels" ? method.caveat?.(described) : undefined;
    return caveat === undefined ? [] : [`${method.id}: ${caveat}`];
  });
  const isRaised = model.graph.inputs.concat(model.graph.outputs).some(({ name }) => halves.includes(name));
  return [
    ...(isRaised
      ? [`half precision was raised to single: ${halves.join(", ")} hold float32 in the file`]
      : []),
    ...(batch.fixed === undefined ? [] : [`it takes ${batch.fixed} at a time (${batch.refusal})`]),
    ...caveats,
  ];
}
