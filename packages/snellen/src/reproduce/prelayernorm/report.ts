// What the experiment on PreLayerNorm found, as a page: the abstract's claims with a verdict each, then all numbers.
import type { Table } from "../../exam/result.ts";
import type { Document, DocumentSection } from "../../report/document.ts";
import { shortNumber } from "../../report/number.ts";
import { type Estimate, mapEstimate } from "../../robustness/figures/estimates.ts";
import { MARGIN, standing } from "../../robustness/figures/standing.ts";
import { claimsSection } from "../claims-section.ts";
import { headed } from "../report-cells.ts";
import { opposite, preLayerNormClaims, STANDING_WORDS } from "./claims.ts";
import { points } from "./estimate-text.ts";
import { scaleSection } from "./report-scales.ts";
import { trainingSections } from "./report-trainings.ts";
import type { DatasetResult, NetworkPair, NetworkResult, PreLayerNormExperiment } from "./result.ts";

const INTRO =
  "Kim et al., arXiv:2111.08413, find that vision transformers are as robust as CNNs or more under most corruptions, but degrade severely under contrast enhancement, as positional embeddings are added to patch embeddings whose scale follows that of the colours; and that PreLayerNorm, a normalization in the patch embedding, makes them behave scale-invariantly and more robust, contrast included. Each claim was tested on the networks and images below.";

const METHOD =
  "Pictures are corrupted at the size that the network sees, all severities, the same for every network. Accuracy lost: of clean pictures − of corrupted ones, in points of a hundred, mean over severities (where labels are missing: predictions changed). Brackets are 95 % intervals over images, of differences in pairs. Nothing is corrected for the number of tests. Calibrated networks are not trained: they got γ and β by least squares on other images and no more, which costs clean accuracy that training is there to win back.";

/** The page of the experiment on PreLayerNorm: the abstract's claims with a verdict each, then all numbers. */
export function preLayerNormDocument(result: PreLayerNormExperiment): Document {
  const { datasets, trainings, regime, seed } = result;
  const described = datasets.map(
    ({ dataset, images, calibrationImages, networks }) =>
      `${dataset}: ${networks
        .filter(({ calibrated }) => calibrated === null)
        .map(({ name, kind }) => `${name} (${kind === "vit" ? "ViT" : "CNN"})`)
        .join(
          ", ",
        )} on ${images} images${calibrationImages > 0 ? `, calibrated on ${calibrationImages} others` : ""}`,
  );
  return {
    title: "PreLayerNorm: what holds here",
    intro: [INTRO, `${described.join("; ")}. Seed ${seed}.`, METHOD],
    sections: [
      claimsSection(preLayerNormClaims(result)),
      ...datasets.map(corruptionSection),
      ...datasets.map(curveSection),
      ...datasets.flatMap(scaleSection),
      ...trainingSections(trainings, regime, seed),
      ...leftOut(datasets),
    ],
  };
}

const percentOf = (error: Estimate): string | null =>
  error.value === null ? null : `${points(mapEstimate(error, (v) => 1 - v))} %`;

const lossTo = ({ corruptions }: NetworkResult | NetworkPair, id: string): Estimate | undefined =>
  corruptions.find(({ corruption }) => corruption === id)?.loss;

function corruptionSection(dataset: DatasetResult): DocumentSection {
  const { networks, pairs, calibrations } = dataset;
  const asGiven = networks.filter(({ calibrated }) => calibrated === null);
  const columns = [
    "corruption",
    ...asGiven.map(({ name }) => name),
    ...pairs.flatMap(({ first, second }) => [`${first} − ${second}`, "so the ViT is"]),
  ];
  const rows = dataset.corruptions.map(({ id, isImageNetC }) => [
    isImageNetC ? id : `${id} (not counted)`,
    ...asGiven.map((network) => pointsOf(lossTo(network, id))),
    ...pairs.flatMap((pair) => {
      const difference = lossTo(pair, id);
      return [pointsOf(difference), difference === undefined ? null : STANDING_WORDS[standing(difference)]];
    }),
  ]);
  return {
    title: `${dataset.dataset}: under corruptions`,
    text: [
      `“As robust”: it loses at most ${100 * MARGIN} points more, with the whole interval. Those of ImageNet-C are counted.`,
      ...asGiven.map(({ name, embedding }) => `${name}: ${embedding.replace(/\.$/, "")}.`),
    ],
    evidence: [
      summaryTable(networks),
      { kind: "table", caption: "Accuracy lost, in points", columns: headed(columns), rows },
      ...(calibrations.length === 0 ? [] : [calibratedTable(calibrations, networks)]),
    ],
  };
}

const pointsOf = (estimate: Estimate | undefined): string | null =>
  estimate === undefined || estimate.value === null ? null : points(estimate);

const summaryTable = (networks: readonly NetworkResult[]): Table => ({
  kind: "table",
  caption: "Accuracy",
  columns: headed([
    "network",
    "kind",
    "clean",
    "under ImageNet-C's corruptions",
    "under contrast enhancement",
    "lost under the former",
    "under the latter",
  ]),
  rows: networks.map((network) => {
    const { name, kind, isPreNormalized, measure, cleanError, mean, corruptions } = network;
    const enhanced = corruptions.find(({ corruption }) => corruption === "contrast_enhancement");
    const isKnown = measure === "accuracy";
    return [
      name,
      kind === "cnn" ? "CNN" : isPreNormalized ? "ViT with PreLayerNorm" : "ViT",
      percentOf(cleanError),
      isKnown ? percentOf(mean.error) : null,
      isKnown && enhanced !== undefined ? percentOf(enhanced.error) : null,
      pointsOf(mean.loss),
      pointsOf(enhanced?.loss),
    ];
  }),
});

const calibratedTable = (pairs: readonly NetworkPair[], networks: readonly NetworkResult[]): Table => ({
  kind: "table",
  caption: "What calibrated PreLayerNorm changes, before any training, in points of accuracy",
  columns: headed([
    "network",
    "share of patches' variance that stays",
    "clean",
    "under ImageNet-C's corruptions",
    "under contrast enhancement",
    "lost under contrast enhancement",
  ]),
  rows: pairs.map((pair) => {
    const enhanced = pair.corruptions.find(({ corruption }) => corruption === "contrast_enhancement");
    const r2 = networks.find(({ name }) => name === pair.first)?.calibrated?.r2;
    return [
      pair.first,
      r2 == null ? null : shortNumber(r2),
      pointsOf(opposite(pair.cleanError)),
      pointsOf(opposite(pair.mean.error)),
      enhanced === undefined ? null : pointsOf(opposite(enhanced.error)),
      pointsOf(enhanced?.loss),
    ];
  }),
});

function curveSection({ dataset, networks, pairs }: DatasetResult): DocumentSection {
  const all = [
    ...networks.map(({ name, curve }) => ({ name, curve })),
    ...pairs.map(({ first, second, curve }) => ({ name: `${first} − ${second}`, curve })),
  ];
  const factors = networks[0]?.curve.map(({ factor }) => factor) ?? [];
  return {
    title: `${dataset}: along contrast enhancement`,
    text: [
      "Every value moves away from the picture's mean grey by a factor, and is cut off at black and white.",
    ],
    evidence: [
      {
        kind: "table",
        caption: "Accuracy lost by factor, in points",
        columns: headed(["network", ...factors.map(String)]),
        rows: all.map(({ name, curve }) => [name, ...curve.map(({ loss }) => pointsOf(loss))]),
      },
      {
        kind: "plot",
        caption: "Accuracy lost by factor of contrast enhancement",
        x: { title: "factor" },
        y: { title: "accuracy lost (points)" },
        series: networks.map(({ name, kind, calibrated, curve }) => ({
          name,
          style:
            calibrated !== null
              ? ("dashed" as const)
              : kind === "vit"
                ? ("line" as const)
                : ("points" as const),
          points: [
            [1, 0] as [number, number],
            ...curve.flatMap(({ factor, loss }): [number, number][] =>
              loss.value === null ? [] : [[factor, 100 * loss.value]],
            ),
          ],
        })),
      },
    ],
  };
}

function leftOut(datasets: readonly DatasetResult[]): DocumentSection[] {
  const lines = datasets.flatMap(({ dataset, refused, skipped }) => [
    ...refused.map(({ name, reason }) => `${name}: not measured, as ${reason}`),
    ...skipped.map(({ reason }) => `${dataset} skipped ${reason}`),
  ]);
  return lines.length === 0 ? [] : [{ title: "Left out", text: lines, evidence: [] }];
}
