// Oracles: the part of the page written out by hand, and what a browser would take for elements.
import { describe, expect, it } from "vitest";
import { compareExams } from "../exam/comparison.ts";
import { auditRow, examOf, figureOf } from "../exam/test-support/compared.ts";
import { comparisonHtml } from "./comparison-html.tsx";
import { elementsIn } from "./test-support/render.ts";

const before = (name = "before") =>
  examOf(name, [
    auditRow(
      "contrast-curve",
      [
        figureOf("accuracy", 60, { interval: [50, 70], better: "higher" }),
        figureOf("layers", 5, { unit: "", better: "lower" }),
        figureOf("sigma", 13.42, { unit: "pixels", better: null }),
        figureOf("gone", null),
      ],
      "problem",
    ),
    auditRow("groups", undefined, "notApplicable"),
  ]);

const after = (name = "after") =>
  examOf(name, [
    auditRow("contrast-curve", [
      figureOf("accuracy", 92.5, { interval: [86.1, 96], better: "higher" }),
      figureOf("layers", 2, { unit: "", better: "lower" }),
      figureOf("sigma", null, { unit: "pixels", better: null }),
    ]),
  ]);

describe("comparisonHtml", () => {
  it("has a line of verdicts for each audit, and for each figure the values and a sentence", () => {
    const page = comparisonHtml(compareExams([before(), after()]), {
      reports: ["before/exam.html", "after/exam.html"],
    });
    expect(page).toContain(
      [
        `<tbody><tr class="group"><th scope="rowgroup">contrast curve</th>`,
        `<td><a href="before/exam.html#contrast-curve"><span class="verdict problem">✗ problem</span></a></td>`,
        `<td><a href="after/exam.html#contrast-curve"><span class="verdict good">✓ good</span></a></td><td></td></tr>`,
        `<tr><th scope="row">the accuracy</th><td>60.0 % [50.0, 70.0]</td>`,
        `<td>92.5 % [86.1, 96.0]<br/><span class="verdict good">▲ better</span></td>`,
        `<td class="long">Better: higher by 32.5 points (95 % intervals lie apart).</td></tr>`,
        `<tr><th scope="row">the layers</th><td>5</td>`,
        `<td>2<br/><span class="verdict good">↓ lower (the better way)</span></td>`,
        `<td class="long">Lower by 3 (no interval to judge by), the better way.</td></tr>`,
        `<tr><th scope="row">the sigma</th><td>13.4 pixels</td><td>–</td>`,
        `<td class="long">Not to be told: one of the two has no such number.</td></tr></tbody>`,
      ].join(""),
    );
    expect(page).toContain(`<td><a href="before/exam.html#groups"><span class="verdict notApplicable">`);
    expect(page).toContain(
      "1 better, 0 worse, 0 without certain difference, 1 higher or lower without an interval, 0 equal",
    );
    expect(page).not.toContain("the gone");
  });

  it("turns words and looks with what is worse, uncertain, equal or paired", () => {
    const pair = { from: "a", value: -0.04, interval: [-9.5, 1] as [number, number], images: 40 };
    const exam = (values: readonly number[], interval: [number, number], name: string) =>
      examOf(name, [
        auditRow("x", [
          figureOf("loss", values[0] as number, { interval }),
          figureOf("lost", 7, { unit: "points", paired: { model: name, differences: [pair] } }),
          figureOf("count", values[1] as number, { unit: "layers" }),
          figureOf("same", 1),
        ]),
      ]);
    const page = comparisonHtml(
      compareExams([exam([10, 1], [9, 11], "a"), exam([30, 2], [20, 40], "b"), exam([11, 0], [10, 12], "c")]),
    );
    expect(page).toContain(`30.0 % [20.0, 40.0]<br/><span class="verdict problem">▼ worse</span>`);
    expect(page).toContain(
      `11.0 % [10.0, 12.0]<br/><span class="verdict informative">≈ no certain difference</span>`,
    );
    expect(page).toContain(`2 layers<br/><span class="verdict attention">↑ higher (the worse way)</span>`);
    expect(page).toContain(`1.0 %<br/><span class="verdict informative">= equal</span>`);
    expect(page).toContain(
      "b: Worse: higher by 20.0 points (95 % intervals lie apart). c: No certain difference: higher by 1.0 points (95 % intervals overlap).",
    );
    expect(page).toContain(
      "b: No certain difference: lower by 0.0 points (95 % interval -9.5 to 1.0, paired on 40 images).",
    );
    expect(page).toContain("b: Equal, as far as is shown.");
    // without addresses there are no links
    expect(page.match(/<a /g)).toHaveLength(1);
    expect(page).toContain('<a class="skip" href="#results">');
  });

  it("escapes whatever files and audits are called", () => {
    const hostile = `<img src=x onerror='alert(1)'>"&`;
    const exams = [before(hostile), after(hostile)].map((exam) => ({
      ...exam,
      audits: exam.audits.map((row) => ({
        ...row,
        id: hostile,
        figures: (row.figures ?? []).map((own) => ({ ...own, name: hostile, unit: hostile })),
      })),
    }));
    const page = comparisonHtml(compareExams(exams), { reports: [hostile, hostile] });
    expect(elementsIn(page)).toEqual(
      new Set(
        "a body br caption div h1 h2 head header html main meta p section span style table tbody td th thead title tr".split(
          " ",
        ),
      ),
    );
    expect(page).toContain(`default-src 'none'`);
  });
});
