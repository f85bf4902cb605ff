// Oracle: labels written by hand from the code of real architectures (tools/reference/gamma_labels.py), none of them from the graph.
import { describe, expect, it } from "vitest";
import { describeModel } from "../../vision-model/describe.ts";
import { type ClassifiedGamma, classifyGammas } from "./classify-gammas.ts";
import { type GammaLabel, labelledFiles, labelledModel, labelsOf } from "./test-support/labelled.ts";

const words = (...parts: readonly (string | false)[]): string =>
  parts.filter((part) => part !== false).join(" ");

const ofLabel = ({ category, decay, stream, nearly, evidence, kind }: GammaLabel): string =>
  words(
    category,
    decay && "decay",
    stream && "stream",
    nearly && "nearly",
    evidence && "evidence",
    kind === "layer-scale" && kind,
  );

/** Layer scales count as decided by measurement in the labels. */
const ofRule = ({ category, decay, isStream, isNearly, open, kind }: ClassifiedGamma): string =>
  words(
    category,
    decay && "decay",
    isStream && "stream",
    isNearly && "nearly",
    (open !== undefined || kind === "layer-scale") && "evidence",
    kind === "layer-scale" && kind,
  );

describe("every γ has its label", () => {
  it.each(labelledFiles())("%s", (file) => {
    const { gammas, input } = labelsOf(file);
    const info = describeModel(labelledModel(file), { size: [input[1] as number, input[2] as number] });
    const found = classifyGammas(info).gammas.map((gamma) => [gamma.name.name, ofRule(gamma)] as const);
    const sorted = (rows: readonly (readonly [string, string])[]) => Object.fromEntries([...rows].sort());
    expect(sorted(found)).toEqual(sorted(gammas.map((label) => [label.parameter, ofLabel(label)] as const)));
  });
});
