// A page of every kind, with every kind of evidence and every verdict, names of awkward length among them.
import { compareExams } from "../../exam/comparison.ts";
import type { AuditRow, ExamResult, Plot, ResultEvidence } from "../../exam/result.ts";
import { auditRow, examOf, figureOf } from "../../exam/test-support/compared.ts";
import { robustnessResult } from "../../robustness/figures/result.ts";
import { madeUpObservations } from "../../robustness/figures/test-support/made-up.ts";
import { comparisonHtml } from "../comparison-html.tsx";
import { documentHtml } from "../document-html.tsx";
import { examHtml } from "../exam-html.tsx";
import { robustnessHtml } from "../robustness-html.tsx";
import { VERDICTS } from "../verdicts.ts";

const LONG = "blocks.11/attention/qkv/MatMul_output_0_with_a_name_that_does_not_end_and_has_no_space";
/** One grey pixel. */
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

const plot = (x: Plot["x"], y: Plot["y"], names: readonly string[]): Plot => ({
  kind: "plot",
  caption: `${y.title} by ${x.title}, 60 images`,
  x,
  y,
  series: names.map((name, i) => ({
    name,
    points: Array.from({ length: 30 }, (_, k): [number, number] => [k + 1, 10 ** (k / 5 - 3 + i)]),
    style: (["line", "dashed", "points"] as const)[i % 3] ?? "line",
  })),
});

export const PLOTS: readonly Plot[] = [
  plot({ title: "distance from the centre (pixels)" }, { title: "mean of R (share of the highest)" }, ["R"]),
  plot(
    {
      title: "factor of the distance to the mean grey (1 is clean), which is a title that takes two lines",
      scale: "log",
    },
    { title: "root mean square length of dL/dx", scale: "log" },
    [
      "mean",
      "largest of one image",
      LONG,
      "smallest of one image",
      "受容野の中心からの距離（ピクセル）の平均",
      "f",
      "g",
      "h",
    ],
  ),
  {
    ...plot({ title: "count" }, { title: "bytes" }, ["one"]),
    series: [
      {
        name: "one",
        style: "line",
        points: [
          [0, -1_234_567],
          [2e9, 9_876_543],
        ],
      },
    ],
  },
];

const EVIDENCE: readonly ResultEvidence[] = [
  { kind: "picture", caption: `R of ${LONG}`, width: 1, height: 1, png: PNG },
  ...PLOTS,
  {
    kind: "table",
    caption: "Layers",
    columns: [
      { title: "layer" },
      { title: "kernel" },
      { title: "share", digits: 3, unit: "%" },
      { title: "why" },
    ],
    rows: [
      [LONG, "3x3", 0.5, "its output reaches an addition on the branch without another normalization"],
      ["b", "1x1", null, "c"],
    ],
  },
  {
    kind: "bars",
    caption: "Errors",
    axis: "error (%)",
    bars: [
      { label: LONG, value: 12, low: 10, high: 15 },
      { label: "b", value: -3 },
    ],
  },
];

const rows = (Object.keys(VERDICTS) as AuditRow["verdict"][]).map(
  (verdict): AuditRow => ({
    ...auditRow(`audit-${verdict.toLowerCase()}`, [figureOf("share", 12, { interval: [10, 15] })], verdict),
    inWords: "The network looks at some pixels less than at their neighbours.",
    remedy: `snellen fix <model> --images <folder> --layer "${LONG}"`,
    evidence: verdict === "problem" ? [...EVIDENCE] : EVIDENCE.slice(-2),
  }),
);

const exam = (name: string): ExamResult => ({
  ...examOf(name, rows, { skipped: [{ source: LONG, reason: "cannot be decoded." }] }),
  model: { name, facts: [{ name: "feature layer", value: LONG }] },
});

const models = ["resnet50", LONG].map((name) => ({ name, outcome: "class" as const, classes: 10 }));
const robustness = robustnessResult(
  madeUpObservations({
    models,
    corruptions: ["snow", "gaussian_noise", "rotation"],
    images: 40,
    isLabelled: true,
  }),
  { images: { name: "photos", skipped: [] }, seed: 7, date: "2026-02-03T04:05:06Z" },
);

export const PAGES: Readonly<Record<string, () => string>> = {
  exam: () => examHtml(exam(`${LONG}.onnx`)),
  comparison: () =>
    comparisonHtml(compareExams([exam("before"), exam(LONG)]), { reports: ["a/exam.html", "b/exam.html"] }),
  robustness: () => robustnessHtml(robustness),
  document: () =>
    documentHtml({
      title: LONG,
      intro: ["What, on what, when."],
      sections: [{ title: "Results", text: [LONG], evidence: EVIDENCE }],
    }),
};
