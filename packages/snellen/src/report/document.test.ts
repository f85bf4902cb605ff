// Oracle: the text that the two renderings must hold, and must not hold, written by hand.
import { describe, expect, it } from "vitest";
import type { Plot } from "../exam/result.ts";
import { type Document, documentMarkdown } from "./document.ts";
import { documentHtml } from "./document-html.tsx";

const HOSTILE = "<script>alert(1)</script> | a";
const plot = (name: string): Plot => ({
  kind: "plot",
  caption: "fall",
  x: { title: "radius (px)" },
  y: { title: "mean of R", scale: "log" },
  series: [
    { name, points: Array.from({ length: 23 }, (_, i): [number, number] => [i, 1 / 3 ** i]), style: "line" },
    { name: "fit", points: [[0, 1]], style: "dashed" },
  ],
});

const document = (text: string): Document => ({
  title: text,
  intro: [text],
  sections: [
    {
      title: text,
      text: [text],
      evidence: [
        {
          kind: "table",
          caption: text,
          columns: [{ title: "name" }, { title: "n", digits: 2, unit: "%" }],
          rows: [
            [text, 1.234],
            [null, 5],
          ],
        },
        {
          kind: "bars",
          caption: "score",
          axis: "share",
          bars: [{ label: "a", value: -0.5, low: -1, high: 0.25 }],
        },
        { kind: "picture", caption: "cat", width: 8, height: 8, png: "iVBOR" },
        plot(text),
      ],
    },
  ],
});

describe("documentMarkdown", () => {
  it("writes headings, paragraphs and tables; bars and plots as tables, long series thinned, pictures by their captions", () => {
    expect(documentMarkdown(document("plain"))).toBe(`# plain

plain

## plain

plain

plain

| name | n (%) |
| --- | ---: |
| plain | 1.23 |
| – | 5.00 |

score (share)

|  | value | low | high |
| --- | ---: | ---: | ---: |
| a | -0.500 | -1.000 | 0.250 |

*cat*

fall

|  | radius (px) | mean of R |
| --- | --- | --- |
${[0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22].map((i) => `| plain | ${i} | ${Number((1 / 3 ** i).toPrecision(4))} |`).join("\n")}
| fit | 0 | 1 |
`);
  });
  it("lets no text break a table or become HTML", () => {
    const text = documentMarkdown(document(HOSTILE));
    expect(text).not.toMatch(/[^\\]<script/);
    expect(text).toContain("| \\<script\\>alert(1)\\</script\\> \\| a | 1.23 |");
  });
});

describe("documentHtml", () => {
  it("escapes all text and draws intervals and plots", () => {
    const html = documentHtml(document(HOSTILE));
    expect(html).not.toContain("<script");
    expect(html).toContain('class="interval"');
    expect(html).toMatch(/<figure class="plot"><svg [^>]*aria-label="fall"/);
    expect(html).toContain('alt="cat"');
    expect(html).toContain("-0.5 [-1, 0.25]");
  });
});
