// What the model file says about itself, for the report's head.
import type { PreprocessSpec } from "../../images/preprocess-spec.ts";
import { denseScoresText } from "../../vision-model/dense-scores.ts";
import type { LogitsInfo } from "../../vision-model/logits.ts";
import { parameterCount } from "../../vision-model/parameters.ts";
import type { Maker, ModelFacts } from "../artifacts.ts";

export const facts: Maker<"facts"> = {
  id: "facts",
  needs: [],
  make: (_, { model, modelName }): ModelFacts => {
    const { info } = model;
    const layer = info.layers.default;
    const { spec, origin } = info.preprocessing;
    return {
      name: modelName,
      input: `${info.input.name} [${info.input.layout}, ${info.input.size.join("x")}, ${info.input.dataType}]`,
      preprocessing: describeSpec(spec),
      preprocessingOrigin: origin,
      logits: describeScores(info.logits),
      classes: info.logits.classes,
      dense: denseScoresText(info.logits),
      layer: layer?.value,
      layerGrid: layer?.layout.grid,
      labelNames: info.labels.names,
      opset: info.file.opset,
      nodes: info.file.nodes,
      parameters: parameterCount(info),
    };
  },
};

/** `RGB 224x224, crop from 256 (bicubic), range 0..1, mean 0.485, …`. */
function describeSpec(spec: PreprocessSpec): string {
  const resize = spec.resize === "crop" ? `short side to ${spec.shortSide}, centre crop` : spec.resize;
  return `${spec.channels} ${spec.size.join("x")}, ${resize} (${spec.interpolation}), range ${spec.range}, mean ${spec.mean.join(", ")}, std ${spec.std.join(", ")}`;
}

const describeScores = ({ value, shape, skipped }: LogitsInfo): string =>
  `${value} [${["N", ...shape].join(", ")}]${skipped === undefined ? "" : `, before ${skipped}`}`;
