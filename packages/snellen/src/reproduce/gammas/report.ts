// What the experiment on γ found, as a page: the claims with a verdict each, then all numbers.
import type { Plot, Table } from "../../exam/result.ts";
import type { Document, DocumentSection } from "../../report/document.ts";
import { shortNumber } from "../../report/number.ts";
import { claimsSection } from "../claims-section.ts";
import { givenNames } from "../given.ts";
import { headed } from "../report-cells.ts";
import { EFFORTS } from "../study.ts";
import { deviation, gammasClaims, percent, percentiles } from "./claims.ts";
import type { BlockRatios, GammaStudy, GammasExperiment, GivenGammas, MeasuredGamma } from "./experiment.ts";
import { trainingSections } from "./report-trainings.ts";

const INTRO =
  "Kim et al., arXiv:2205.07260, sort normalization scales γ into four categories and say for which L2 regularization is desirable: it is where a smaller γ makes a residual block more like the identity, and where a scale-invariant γ would otherwise grow and lose its effective learning rate; it is not on shortcuts, nor where γ sets the scale of the scores. Only the abstract is public to this project: the rules that tell the categories are its own.";

const METHOD =
  "Made networks are untrained where nothing else is said: Gaussian weights that keep the variance, γ = 1, β = 0, Gaussian pictures of 16 × 16. ResNets have three stages, transformers tokens of 4 × 4 pixels; batch normalizations work on the statistics of all pictures. Categories are those that snellen gammas decides on the graph. F(x): the residual branch, x: the skip that it is added to. Nothing is corrected for the number of tests.";

/** The page of the experiment on γ: the claims with a verdict each, then all numbers. */
export function gammasDocument(result: GammasExperiment): Document {
  const { seed, effort, studies, models } = result;
  const quick =
    effort.networks < EFFORTS.full.networks
      ? "; a quick run, with fewer networks than the experiment takes"
      : "";
  return {
    title: "Decay of normalization scales: what holds here",
    intro: [
      INTRO,
      METHOD,
      `${effort.networks} networks of each kind, seed ${seed}${quick}.${models.length === 0 ? "" : ` Networks as they are: ${givenNames(models)}.`}`,
    ],
    sections: [
      claimsSection(gammasClaims(result)),
      ratioSection(studies),
      invarianceSection(studies),
      gradientSection(studies),
      ...trainingSections(result.trainings, result.trainedOn, seed),
      ...givenSections(models),
    ],
  };
}

/** Geometric mean over networks, by block; null where a block has no ratio above 0 everywhere (0 where it is 0 everywhere). */
function meanRatios({ runs }: GammaStudy, category: string, gamma: number): (number | null)[] {
  const rows = runs.flatMap(({ ratios }) =>
    ratios.filter((r) => r.category === category && r.gamma === gamma).map((r) => r.ratios),
  );
  return (rows[0] ?? []).map((_, block) => {
    const values = rows.map((row) => row[block] ?? null);
    if (values.every((v) => v === 0)) return 0;
    if (!values.every((v) => v !== null && v > 0)) return null;
    return Math.exp(values.reduce<number>((sum, v) => sum + Math.log(v as number), 0) / values.length);
  });
}

/** What was varied in a study, in its order. */
function settingsOf({ runs }: GammaStudy): Pick<BlockRatios, "category" | "gamma">[] {
  const seen = new Map<string, Pick<BlockRatios, "category" | "gamma">>();
  for (const { category, gamma } of runs.flatMap(({ ratios }) => ratios))
    seen.set(`${category} ${gamma}`, { category, gamma });
  return [...seen.values()];
}

function ratioSection(studies: readonly GammaStudy[]): DocumentSection {
  return {
    title: "Residual blocks by the size of their γ",
    text: [
      "Var(F(x)) / Var(x) over depth, geometric mean over networks, when all γ of one category have a value and all others are 1. A block of which the ratio is 0 is the identity. Batch statistics are taken anew for each value.",
    ],
    evidence: studies.flatMap((study) => [ratioTable(study), ratioPlot(study)]),
  };
}

const ratioTable = (study: GammaStudy): Table => ({
  kind: "table",
  caption: `${study.network}: Var(F(x)) / Var(x) by block`,
  columns: headed([
    "γ varied",
    "value",
    ...(study.runs[0]?.blocks.map((block) => block.replace(/\/Add$/, "")) ?? []),
  ]),
  rows: settingsOf(study).map(({ category, gamma }) => [
    category,
    gamma,
    ...meanRatios(study, category, gamma).map((ratio) => (ratio === null ? null : shortNumber(ratio))),
  ]),
});

const ratioPlot = (study: GammaStudy): Plot => ({
  kind: "plot",
  caption: `${study.network}: Var(F(x)) / Var(x) by depth`,
  x: { title: "block" },
  y: { title: "Var(F(x)) / Var(x)", scale: "log" },
  series: settingsOf(study)
    // that of 1 is the same whatever is varied
    .filter(({ gamma }, i) => gamma > 0 && (gamma < 1 || i === 0))
    .map(({ category, gamma }) => ({
      name: `${category} γ = ${gamma}`,
      style: category === "branch-last" ? ("line" as const) : ("dashed" as const),
      points: meanRatios(study, category, gamma).flatMap((ratio, block): [number, number][] =>
        ratio === null || ratio <= 0 ? [] : [[block + 1, ratio]],
      ),
    })),
});

/** γ of all networks of a kind by category, exactly and nearly invariant ones apart. */
function byCategory({ runs }: GammaStudy): Map<string, MeasuredGamma[]> {
  const groups = new Map<string, MeasuredGamma[]>();
  for (const gamma of runs.flatMap(({ gammas }) => gammas)) {
    const key = `${gamma.category}${gamma.nearly ? ", nearly" : ""}`;
    groups.set(key, [...(groups.get(key) ?? []), gamma]);
  }
  return groups;
}

const invarianceSection = (studies: readonly GammaStudy[]): DocumentSection => ({
  title: "What doubling a γ does to the scores",
  text: [
    "‖y(2γ) − y‖ / ‖y‖, of scores without their mean over the classes, one γ at a time. “Nearly”: an operator on the way is not homogeneous, such as GELU or a Softmax; or the γ is both sides of a residual sum, where measurement decides.",
  ],
  evidence: [
    {
      kind: "table",
      caption: "Relative change of the scores",
      columns: headed([
        "network",
        "category",
        "γ of all networks",
        "smallest",
        "median",
        "largest",
        "contradict",
      ]),
      rows: studies.flatMap((study) =>
        [...byCategory(study)].map(([category, gammas]) => [
          study.network,
          category,
          gammas.length,
          ...percentiles(gammas.flatMap(({ scaleChange }) => scaleChange ?? [])),
          gammas.filter(({ agrees }) => agrees === false).length,
        ]),
      ),
    },
  ],
});

const gradientSection = (studies: readonly GammaStudy[]): DocumentSection => ({
  title: "The gradient of scaled γ",
  text: [
    "Noise of unit variance is sent in at the scores, and all γ of a category are multiplied by t. If scores do not depend on the size of γ, the gradient by it is as much shorter as γ is longer: t·‖∂L/∂(tγ)‖ is constant, and a step of learning rate lr turns γ as one of lr/t² turned it before. Given: this product over that of t = 1, mean over the γ of all networks, and the largest change of a γ at any t.",
  ],
  evidence: [
    {
      kind: "table",
      caption: "t·‖∂L/∂(tγ)‖ over ‖∂L/∂γ‖",
      columns: headed([
        "network",
        "category",
        ...factorsOf(studies).map((t) => `t = ${t}`),
        "median of largest changes",
        "largest",
      ]),
      rows: studies.flatMap((study) =>
        [...byCategory(study)].map(([category, gammas]) => {
          const changes = gammas.flatMap((gamma) => deviation(gamma) ?? []).map((d) => Math.expm1(d));
          const [, median, largest] = percentiles(changes);
          return [
            study.network,
            category,
            ...factorsOf(studies).map((t) => meanProduct(gammas, t)),
            median ?? null,
            largest ?? null,
          ];
        }),
      ),
    },
  ],
});

const factorsOf = (studies: readonly GammaStudy[]): number[] =>
  studies[0]?.runs[0]?.gammas[0]?.products.map(({ factor }) => factor) ?? [];

function meanProduct(gammas: readonly MeasuredGamma[], factor: number): string | null {
  const known = gammas.flatMap(({ products }) => products.find((p) => p.factor === factor)?.product ?? []);
  return known.length === 0 ? null : shortNumber(known.reduce((sum, v) => sum + v, 0) / known.length);
}

function givenSections(models: readonly GivenGammas[]): DocumentSection[] {
  if (models.length === 0) return [];
  return [
    {
      title: "Networks as they are",
      text: models.flatMap(({ name, plan, refused }) => [
        ...(refused === null ? [] : [`${name}: not measured, as ${refused}`]),
        ...(plan?.notes ?? []).map((note) => `${name}: ${note}`),
      ]),
      evidence: models.flatMap(({ name, plan }) =>
        plan === null
          ? []
          : [givenGammas(name, plan), givenBlocks(name, plan)].filter(({ rows }) => rows.length > 0),
      ),
    },
  ];
}

type Plan = NonNullable<GivenGammas["plan"]>;

const givenGammas = (name: string, { gammas }: Plan): Table => ({
  kind: "table",
  caption: `${name}: γ`,
  columns: headed(["parameter", "category", "decay", "scores change by", "bears it out"]),
  rows: gammas.map(({ parameter, category, nearly, decay, evidence }) => [
    parameter,
    `${category}${nearly ? ", nearly" : ""}`,
    decay ? "yes" : "no",
    evidence?.scaleChange == null ? null : percent(evidence.scaleChange),
    evidence?.agrees == null ? null : evidence.agrees ? "yes" : "no",
  ]),
});

const givenBlocks = (name: string, { blocks }: Plan): Table => ({
  kind: "table",
  caption: `${name}: residual blocks`,
  columns: headed(["block", "skip", "Var(F(x)) / Var(x)", "of one picture"]),
  rows: blocks.map(({ node, kind, varianceRatio, low, high }) => [
    node,
    kind,
    varianceRatio === null ? null : shortNumber(varianceRatio),
    low === null || high === null ? null : `${shortNumber(low)} to ${shortNumber(high)}`,
  ]),
});
