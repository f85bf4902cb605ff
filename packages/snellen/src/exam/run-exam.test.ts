// The exam end to end on the embedded network, and what happens when something throws. Oracle: the published schema, and
// the fixture's own labels (the network reads all sixty of them; models/README.md).
import { join } from "node:path";
import { ImageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { openImages } from "../node/images.ts";
import { openModel } from "../node/open-model.ts";
import { encodePng } from "../node/png.ts";
import { type Audit, defineAudit } from "./audit.ts";
import { examHtml } from "./report/html.ts";
import { parseExam } from "./result.ts";
import { runExam } from "./run-exam.ts";

const MODELS = join(import.meta.dirname, "../../../../models");

async function examine(
  given: { limit?: number; audits?: readonly Audit[]; name?: string; broken?: boolean } = {},
) {
  await using model = await openModel(join(MODELS, "optotypes-cnn.onnx"));
  const { names } = model.info.labels;
  const { entries } = await openImages([join(MODELS, "optotypes")], {
    labels: names,
    limit: given.limit ?? 12,
  });
  const unreadable = {
    source: "<script>alert(1)</script>.png",
    read: () => Promise.reject(new ImageError("unreadable-image", "cannot be decoded.")),
  };
  return await runExam({
    model,
    modelName: given.name ?? "optotypes-cnn.onnx",
    images: { name: "optotypes", entries: given.broken ? [unreadable, ...entries] : entries },
    batch: 5,
    encodePng,
    audits: given.audits,
  });
}

const throwing = defineAudit({
  id: "throwing",
  title: "This audit throws",
  failureTitle: "This audit throws too",
  description: "An audit with a bug in it.",
  learnMore: "https://example.org",
  needs: ["facts"],
  audit: () => {
    throw new TypeError("a bug in the audit");
  },
});
const calm = defineAudit({
  ...throwing,
  id: "calm",
  audit: ({ facts }) => ({ verdict: "good", summary: `${facts.name} is fine` }),
});

describe("runExam", () => {
  it("gives a result of the published schema, with pictures and an accuracy", async () => {
    const result = parseExam(JSON.parse(JSON.stringify(await examine())));
    expect(result.audits.map((a) => [a.id, a.verdict])).toEqual([
      ["reading", "good"],
      ["heat-maps", "good"],
      ["conservation", "good"],
    ]);
    expect(result.audits[0]?.summary).toContain("100.0 % of 12 labelled images");
    const pictures = result.audits[1]?.evidence.filter((e) => e.kind === "picture");
    expect(pictures).toHaveLength(8);
    expect(pictures?.[0]?.png.startsWith("iVBORw0KGgo")).toBe(true);
  });

  it("turns a throwing audit into a row, and goes on", async () => {
    const { audits } = await examine({ limit: 1, audits: [throwing, calm] });
    expect(audits.map((a) => [a.id, a.verdict, a.summary])).toEqual([
      ["throwing", "error", "Could not be judged: a bug in the audit"],
      ["calm", "good", "optotypes-cnn.onnx is fine"],
    ]);
  });

  it("leaves unreadable images out and lists each once", async () => {
    const result = await examine({ limit: 3, broken: true });
    expect(result.images).toMatchObject({
      count: 4,
      skipped: [{ reason: expect.stringContaining("cannot be decoded.") }],
    });
    expect(result.audits[0]?.summary).toContain("of 3 labelled images");
  });
});

describe("examHtml", () => {
  it("escapes every name and asks nothing of the network", async () => {
    const hostile = '"><script>alert(2)</script>';
    const html = examHtml(await examine({ limit: 2, broken: true, name: hostile }));
    expect(html).not.toContain("<script");
    expect(html).toContain("&#60;script&#62;alert(2)");
    const requests = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map((m) => m[1] as string);
    expect(requests.filter((url) => !/^(data:image\/png;base64,|#|https:\/\/)/.test(url))).toEqual([]);
    expect(html).not.toMatch(/<(?:link|iframe|object|script|img src="http)/);
    expect(html).toContain("default-src 'none'");
  });
});
