// What the experiment on dead pixels found, as a page: the paper's claims with a verdict each, then all numbers.
import type { Plot, Table } from "../../exam/result.ts";
import type { Document, DocumentSection } from "../../report/document.ts";
import { shortNumber } from "../../report/number.ts";
import { estimated } from "../claim.ts";
import { claimsTable, claimText } from "../claims-section.ts";
import { headed, text } from "../report-cells.ts";
import { claimsOf } from "./claims.ts";
import type { DeadPixelExperiment, NetworkResult } from "./experiment.ts";
import { trainingSections } from "./report-trainings.ts";

const INTRO =
  "Kim et al., arXiv:2108.13576, find that effective receptive fields are Gaussians whose size does not tell accuracy; that odd kernels with even strides leave a checkerboard of strong and weak (“partially dead”) pixels in R of the score; that zeros padded to those kernels mend it once they are trained; and that R tells how much a perturbed pixel changes the score. Each claim was tested on the networks and images below.";

const METHOD =
  "R is the published algorithm's: the mean over images of the rectified gradient (mean over colours) of a feature map's centre (mean over channels) or of the score of an image's class, its predicted class where it has no label. Brackets are 95 % intervals: of R², σ, L1 and contrast by the jackknife over ten parts of the images, of perturbed pixels by a bootstrap over the pixels. Nothing is corrected for the number of tests.";

/** The page of the experiment on dead pixels: the paper's claims with a verdict each, then all numbers. */
export function deadPixelsDocument(result: DeadPixelExperiment): Document {
  const { networks, seed } = result;
  const images = networks.map(({ name, images: n, dataset }) => `${name} (${n} of ${dataset})`).join(", ");
  const claims = claimsOf(result);
  return {
    title: "Dead pixels: what holds here",
    intro: [INTRO, `Networks and images: ${images}. Seed ${seed}.`, METHOD],
    sections: [
      {
        title: "The claims",
        text: claims.map(
          (claim) => `${claimText(claim)}${claim.id === "gaussian" ? medianText(networks) : ""}`,
        ),
        evidence: [claimsTable(claims)],
      },
      sizes(networks),
      checkerboards(networks),
      paddings(networks),
      perturbations(networks),
      ...trainingSections(result),
      ...leftOut(networks),
    ],
  };
}

function medianText(networks: readonly NetworkResult[]): string {
  const known = networks.flatMap(({ size }) => size?.r2?.value ?? []).sort((a, b) => a - b);
  const [low, high] = [known[(known.length - 1) >> 1], known[known.length >> 1]];
  if (low === undefined || high === undefined) return "";
  return ` Median R² over the networks: ${shortNumber((low + high) / 2)}.`;
}

const percent = (share: number | null | undefined): string | null =>
  share === null || share === undefined ? null : `${(100 * share).toFixed(1)} %`;

function sizes(networks: readonly NetworkResult[]): DocumentSection {
  const columns = [
    "network",
    "data set",
    "layer",
    "images",
    "σ X",
    "σ Y",
    "σ",
    "R²",
    "R² at most",
    "theoretical",
    "R known to",
    "parameters",
    "accuracy",
  ];
  const rows = networks.map(({ name, dataset, images, size, parameters, accuracy, labelled }) => [
    name,
    dataset,
    size?.layer ?? null,
    images,
    size?.converged === true ? text(size.sigmaX) : null,
    size?.converged === true ? text(size.sigmaY) : null,
    size?.sigma == null ? null : estimated(size.sigma),
    size?.r2 == null ? null : estimated(size.r2),
    text(size?.ceiling),
    size?.theoretical == null ? null : size.theoretical.map((side) => side ?? "image").join(" × "),
    size?.relativeError == null ? null : `±${percent(size.relativeError)}`,
    parameters,
    accuracy === null ? null : `${percent(accuracy)} of ${labelled}`,
  ]);
  const notes = networks.flatMap(({ name, size }) => (size?.notes ?? []).map((note) => `${name}: ${note}.`));
  return {
    title: "Size of the effective field",
    text: [
      "Of each network's default layer, the last map that leads to the scores everywhere. σ in pixels. “R² at most”: what the noise that is left in R allows a smooth curve to explain.",
      ...notes,
    ],
    evidence: [
      { kind: "table", caption: "Gaussian fits", columns: headed(columns), rows },
      ...sizePlot(networks),
    ],
  };
}

function sizePlot(networks: readonly NetworkResult[]): Plot[] {
  const known = networks.flatMap(({ dataset, size, accuracy }) =>
    size?.sigma == null || accuracy === null
      ? []
      : [{ dataset, point: [size.sigma.value, accuracy] as [number, number] }],
  );
  if (known.length === 0) return [];
  return [
    {
      kind: "plot",
      caption: "Accuracy by size of the field",
      x: { title: "σ (pixels)" },
      y: { title: "accuracy (share of labelled images)" },
      series: [...new Set(known.map(({ dataset }) => dataset))].map((name) => ({
        name,
        points: known.filter(({ dataset }) => dataset === name).map(({ point }) => point),
        style: "points" as const,
      })),
    },
  ];
}

function checkerboards(networks: readonly NetworkResult[]): DocumentSection {
  const columns = [
    "network",
    "L1",
    "L2",
    "L1 / mean",
    "L2 / mean",
    "finest stride",
    "contrast of phases",
    "weak pixels",
    "dead pixels",
    "peak (cycles a pixel)",
    "times its surroundings",
    "looks with a peak",
    "R known to",
  ];
  const rows = networks.flatMap(({ name, checkerboard: c }) =>
    c === null
      ? []
      : [
          [
            name,
            c.L1.toExponential(2),
            c.L2.toExponential(2),
            estimated(c.L1Normalized),
            text(c.L2Normalized),
            c.finest?.join(" × ") ?? null,
            c.contrast === null ? null : estimated(c.contrast),
            percent(c.weakShare),
            percent(c.deadShare),
            text(c.peak?.frequency),
            text(c.peak?.ratio),
            `${c.looks.withPeak} of ${c.looks.all}`,
            c.relativeError === null ? null : `±${percent(c.relativeError)}`,
          ],
        ],
  );
  return {
    title: "Dead pixel test",
    text: [
      "Of R of the score, before anything is padded. L1 and L2 as published and over the mean of R, so that networks compare. Contrast: of the means over pixels alike modulo the finest stride, highest − lowest over the mean. Weak: below half of the median around. Noise that is left in R adds to L1, L2, contrast and weak pixels.",
    ],
    evidence: [
      {
        kind: "table",
        caption: "Indices and checkerboards",
        columns: headed(columns),
        rows,
      },
      causes(networks),
    ],
  };
}

const LONGEST_NAME = 60;

/** Converters join the names of all nodes that they fused. */
const shortened = (name: string): string =>
  name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;

const causes = (networks: readonly NetworkResult[]): Table => ({
  kind: "table",
  caption: "Layers that read some pixels more often than others",
  columns: headed(["network", "layer", "kind", "kernel", "stride", "mended by"]),
  rows: networks.flatMap(({ name, checkerboard }) =>
    (checkerboard?.offenders ?? []).map(({ node, kind, kernel, stride, fixable }) => [
      name,
      shortened(node),
      kind,
      kernel.join(" × "),
      stride.map(shortNumber).join(" × "),
      fixable === "no"
        ? "nothing here"
        : fixable === "pooling"
          ? "wider pooling (another function)"
          : "padding",
    ]),
  ),
});

function paddings(networks: readonly NetworkResult[]): DocumentSection {
  const columns = [
    "network",
    "kernels padded",
    "left as they are",
    "weights that may live",
    "images",
    "scores differ by",
    "R differs by",
    "L1 / mean before",
    "after",
  ];
  const rows = networks.flatMap(({ name, padding: p }) =>
    p === null
      ? []
      : [
          [
            name,
            p.changes.length,
            p.left.length,
            p.weightsAdded,
            p.images,
            text(p.outputDifference),
            text(p.fieldDifference),
            p.L1Before === null ? null : p.L1Before.toPrecision(5),
            p.L1After === null ? null : p.L1After.toPrecision(5),
          ],
        ],
  );
  const left = networks.flatMap(({ name, padding }) =>
    (padding?.left ?? []).map(({ node, reason }) => `${name} keeps ${node}: ${reason}`),
  );
  return {
    title: "Kernel padding, before any training",
    text: [
      "Zeros at the bottom and right of odd strided kernels. A pixel's gradient passes through the weights, and through a weight of zero nothing passes: R and L1 stay until training moves the new weights, whose own gradients are not zero. So L1 after padding alone says nothing for or against the cure. Differences: of scores, the largest over the largest score; of R, L2 over L2.",
      ...left,
    ],
    evidence: [{ kind: "table", caption: "Before and after", columns: headed(columns), rows }],
  };
}

function perturbations(networks: readonly NetworkResult[]): DocumentSection {
  const rows = networks.flatMap(({ name, perturbation: p }) =>
    p === null ? [] : [[name, p.pixels.length, p.images, text(p.epsilon), estimated(p.r2), text(p.slope)]],
  );
  return {
    title: "Perturbed pixels against R",
    text: [
      "Pixels drawn at random, changed one at a time in every image by ε, in the network's units: a hundredth of what its pixels span. R² of the mean |change of the score| / (colours · ε) and R of the same images; the slope is 1 where no gradient is negative and 2 where signs are even.",
    ],
    evidence: [
      {
        kind: "table",
        caption: "Theorem 1",
        columns: headed(["network", "pixels", "images", "ε", "R²", "slope"]),
        rows,
      },
    ],
  };
}

function leftOut(networks: readonly NetworkResult[]): DocumentSection[] {
  const lines = networks.flatMap(({ name, images, labelled, refused, skipped }) => [
    ...refused.map((part) => `${name}: no ${part.name}, as ${part.reason}`),
    ...(labelled < images
      ? [
          `${name}: ${images - labelled} of ${images} images have no label that it knows; R is of their predicted class.`,
        ]
      : []),
    ...skipped.map(({ reason }) => `${name} skipped ${reason}`),
  ]);
  return lines.length === 0 ? [] : [{ title: "Left out", text: lines, evidence: [] }];
}
