// Oracles: an XML reader (librsvg) for the drawings, the result's own numbers and the texts that must and must not be there.
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { robustnessResult } from "../robustness/figures/result.ts";
import { madeUpObservations } from "../robustness/figures/test-support/made-up.ts";
import { createObservations } from "../robustness/observations.ts";
import { CurvePanel } from "./components/severity-curves.tsx";
import { SeverityHeatMap } from "./components/severity-heat-map.tsx";
import { documentMarkdown } from "./document.ts";
import { estimateText, shareText } from "./estimate-text.ts";
import { robustnessDocument } from "./robustness.ts";
import { robustnessHtml } from "./robustness-html.tsx";
import { rendered } from "./test-support/render.ts";

const HOSTILE = `<script>alert("1")</script>&'`;
const CORRUPTIONS = ["snow", "fog", "rotation"];
const made = (names: readonly string[], isLabelled = true, classes = 1000) =>
  robustnessResult(
    madeUpObservations({
      models: names.map((name) => ({ name, outcome: "class", classes })),
      corruptions: CORRUPTIONS,
      images: 40,
      isLabelled,
    }),
    {
      images: { name: HOSTILE, skipped: [{ source: HOSTILE, reason: HOSTILE }] },
      seed: 7,
      date: "2026-02-03T04:05:06Z",
    },
  );
const result = made([HOSTILE, "plain"]);

const svgs = (html: string): string[] => html.match(/<svg[\s\S]*?<\/svg>/g) ?? [];
/** Throws where the drawing is not well-formed. */
const paint = (svg: string) =>
  sharp(Buffer.from(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')))
    .raw()
    .toBuffer();

describe("robustnessHtml", () => {
  const html = robustnessHtml(result);

  it("escapes every name, in texts, captions and drawings alike", async () => {
    expect(html).not.toContain("<script");
    expect(html).not.toContain('alert("1")');
    const drawings = svgs(html);
    expect(drawings.length).toBeGreaterThan(CORRUPTIONS.length + 2);
    await Promise.all(drawings.map(paint));
  });

  it("has a panel a corruption, a heat map a model, and the number of images at each", () => {
    for (const id of CORRUPTIONS)
      expect(html).toContain(`${id}: error (%) by severity, 0 is clean; n = 40 images`);
    expect(html).toContain("plain: accuracy (%) by corruption and severity; n = 40 images");
    const uncounted = [...html.matchAll(/<(?:fig)?caption>(?:<span>)?([^<]*)</g)]
      .map(([, text]) => text as string)
      .filter((text) => !/n = 40 images|n images|\d outcomes|outcomes: \d|\d skipped/.test(text));
    expect(uncounted).toEqual([]);
  });

  it("says whose errors the reference is, and calls the mean over two corruptions what it is", () => {
    expect(html).toContain("Corruption errors are measured against AlexNet.");
    expect(html).toContain("On other pictures they are only a scale.");
    expect(html).toContain("mean CE over 2 corruptions");
    expect(html).not.toContain("mCE");
    expect(html).toContain(`40 images from`);
  });
});

describe("what there is none of", () => {
  const textOf = (of: ReturnType<typeof made>) => documentMarkdown(robustnessDocument(of));

  it("is left out: AlexNet's errors for networks of other classes than ImageNet's", () => {
    const letters = textOf(made(["a", "b"], true, 10));
    expect(letters).not.toMatch(/AlexNet|\bCE\b/);
    expect(letters).toContain(
      "| model | clean error | mean corruption error | mean corruption accuracy | agreement with clean |",
    );
    expect(letters).toContain("percentage points of error: below zero");
    expect(textOf(made(["a"], true, 1001))).toContain("AlexNet");
  });

  it("is left out: columns without a number, such as errors without labels", () => {
    const bare = textOf(made(["a"], false));
    expect(bare).toContain("| model | agreement with clean | flips | flips from clean |");
    expect(bare).not.toContain("AlexNet");
  });
});

describe("the drawings", () => {
  it("print every cell's number, with its interval to read", () => {
    const svg = rendered(SeverityHeatMap, { model: result.models[1]! });
    for (const c of result.models[1]!.conditions.slice(1)) {
      expect(svg).toContain(`${c.corruption}, severity ${c.severity}: ${estimateText(c.accuracy)}`);
      expect(svg).toContain(`>${shareText(c.accuracy.value)}</text>`);
    }
  });

  it("place errors to scale: 176 units from 100 % at the top to 0", () => {
    const svg = rendered(CurvePanel, { models: result.models, corruption: "snow" });
    const [, first] = svg.match(/<path d="M[\d.]+ ([\d.]+)L/) ?? [];
    expect(Number(first)).toBeCloseTo(8 + 176 * (1 - result.models[0]!.conditions[0]!.error.value!), 0);
  });

  it("show how much outputs change where there are no labels", () => {
    const bare = made(["a"], false);
    expect(rendered(CurvePanel, { models: bare.models, corruption: "fog" })).toContain(
      "outputs unlike the clean picture's (%)",
    );
    expect(rendered(SeverityHeatMap, { model: bare.models[0]! })).toContain(
      "agreement with the clean picture's output (%)",
    );
    const html = robustnessHtml(bare);
    expect(html).toContain("Change by severity");
    expect(html).toContain("Agreement by severity");
    expect(html).not.toContain("Calibration under shift");
    expect(html).not.toContain("Differences between models");
  });

  it("stand where nothing was measured yet", async () => {
    const empty = createObservations([{ name: "a", outcome: "class" }], ["clean", "fog/1", "fog/2"], 3);
    const html = robustnessHtml(
      robustnessResult(empty, { images: { name: "x", skipped: [] }, seed: 0, date: "2026-01-01" }),
    );
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
    await Promise.all(svgs(html).map(paint));
  });
});

describe("robustnessDocument", () => {
  it("has the drawings' numbers as tables in Markdown", () => {
    const text = documentMarkdown(robustnessDocument(result));
    const { error } = result.models[1]!.conditions[4]!;
    expect(text).toContain(
      `${shareText(error.value)} \\[${shareText(error.low)}, ${shareText(error.high)}\\], n 40`,
    );
    expect(text).toContain("## Differences between models");
  });
});
