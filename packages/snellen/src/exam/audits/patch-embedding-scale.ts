// Whether a vision transformer's positional embedding keeps its grip when colours get stronger: arXiv:2111.08413. The verdict's
// thresholds stand in patch-embedding/grip.ts.

import type {
  EmbeddingScale,
  Grip,
  GripVerdict,
  ScaleFamily,
  ScaleRow,
} from "../../patch-embedding/embedding-scale-result.ts";
import { FLAT_COSINE, FLAT_GROWTH } from "../../patch-embedding/grip.ts";
import { estimateText } from "../../report/estimate-text.ts";
import type { Estimate } from "../../robustness/figures/estimates.ts";
import { type Audit, defineAudit, type Verdict } from "../audit.ts";
import { estimateFigure } from "../figure.ts";
import type { Figure, Plot, Table } from "../result.ts";

/** A balance that depends on the scale but harms nothing on these images is no reason to change the network. */
const VERDICTS = {
  "keeps-its-grip": "good",
  "scale-dependent": "informative",
  "loses-its-grip": "attention",
} as const satisfies Readonly<Record<GripVerdict, Verdict>>;

export const patchEmbeddingScale: Audit = defineAudit({
  id: "patch-embedding-scale",
  title: "The positional embedding keeps its grip when colours get stronger",
  failureTitle: "The positional embedding loses its grip when colours get stronger",
  inWords: {
    good: "Stronger colours leave the network's sense of where things are in the image as it is.",
    informative:
      "Stronger colours weaken the network's sense of where things are in the image, but that is not seen to spoil its answers.",
    attention:
      "Stronger colours drown the network's sense of where things are in the image, and its answers get worse.",
    notApplicable:
      "This is about vision transformers that add positions to what they see; this network is none, or could not be tried.",
  },
  description: `Size of embedded patches beside the positional embedding E_pos that is added to them, and the cosine between the sum and that of the clean picture, as contrast and colour scale grow. Behind a normalization of patches both stay nearly flat (within ${FLAT_GROWTH} times and above ${FLAT_COSINE}); without one, patches outgrow positions.`,
  learnMore: "https://arxiv.org/abs/2111.08413",
  needs: ["embeddingScale"],
  audit({ embeddingScale }) {
    if ("reason" in embeddingScale) return { verdict: "notApplicable", summary: embeddingScale.reason };
    const { grips, verdict, n, labelled } = embeddingScale;
    const deciding = grips.filter((grip) => grip.verdict === verdict);
    return {
      verdict: VERDICTS[verdict],
      summary: `${deciding.map(({ text }) => text).join(" ")} (${n} images, ${labelled} with labels.)`,
      evidence: [
        plotOf(embeddingScale, "|x| / |E_pos|", "Size of patches beside E_pos", ({ ratio }) => ratio),
        plotOf(
          embeddingScale,
          "cosine",
          "Cosine between z₀ and that of the clean picture",
          ({ cosine }) => cosine,
        ),
        tableOf(embeddingScale),
      ],
      figures: grips.flatMap(figuresOf),
      ...(verdict === "loses-its-grip" && {
        remedy: "snellen fix prelayernorm <model> --images <folder> -o fixed.onnx",
      }),
    };
  },
});

const TITLES: Readonly<Record<ScaleFamily, string>> = {
  contrast_enhancement: "contrast",
  colour_scale: "colour scale",
};

const figuresOf = ({ family, growth, leastCosine }: Grip): Figure[] => [
  estimateFigure(
    {
      id: `growth-${family.replaceAll("_", "-")}`,
      name: `growth of patches beside E_pos as ${TITLES[family]} grows`,
      unit: "times",
      better: "lower",
    },
    growth,
  ),
  estimateFigure(
    {
      id: `cosine-${family.replaceAll("_", "-")}`,
      name: `least cosine of z₀ to the clean picture's as ${TITLES[family]} grows`,
      unit: "",
      better: "higher",
    },
    leastCosine,
  ),
];

const familiesOf = ({ grips }: EmbeddingScale): ScaleFamily[] => grips.map(({ family }) => family);

function plotOf(scale: EmbeddingScale, axis: string, what: string, of: (row: ScaleRow) => Estimate): Plot {
  return {
    kind: "plot",
    caption: `${what} by factor, mean over patches and ${scale.n} images`,
    x: { title: "factor (1 is the clean picture)" },
    y: { title: axis },
    series: familiesOf(scale).map((family) => ({
      name: TITLES[family],
      points: scale.rows.flatMap((row): [number, number][] => {
        const { value } = of(row);
        return row.family === family && value !== null ? [[row.factor, value]] : [];
      }),
      style: "line",
    })),
  };
}

function tableOf({ rows, n, labelled }: EmbeddingScale): Table {
  const isLabelled = labelled > 0;
  return {
    kind: "table",
    caption: `By family and factor, ${n} images; ${isLabelled ? "accuracy" : "agreement with the clean prediction"} with its 95 % interval`,
    columns: [
      { title: "what grows" },
      { title: "factor" },
      { title: "|x| / |E_pos|", digits: 2 },
      { title: "cosine of z₀", digits: 3 },
      { title: "positional share of z₀'s energy", digits: 3 },
      { title: isLabelled ? "accuracy (%)" : "agreement (%)" },
    ],
    rows: rows.map(({ family, factor, ratio, cosine, positionalShare, accuracy, agreement }) => [
      TITLES[family],
      factor,
      ratio.value,
      cosine.value,
      positionalShare.value,
      estimateText(isLabelled ? accuracy : agreement),
    ]),
  };
}
