// Oracle: what a browser would fetch or run, searched for in the page's text.
import { describe, expect, it } from "vitest";
import type { ExamResult } from "../exam/result.ts";
import { auditRow } from "../exam/test-support/compared.ts";
import { examHtml } from "./exam-html.tsx";
import { elementsIn, HOSTILE } from "./test-support/render.ts";

const result = (text: string): ExamResult => ({
  version: 1,
  snellen: "0.1.0",
  date: "2026-11-23T00:00:00Z",
  model: { name: text, facts: [{ name: text, value: text }] },
  images: { name: text, count: 1, skipped: [{ source: text, reason: text }] },
  audits: [
    {
      id: "reading",
      verdict: "problem",
      title: text,
      description: text,
      learnMore: "https://example.org/a?b=1&c=2",
      summary: text,
      remedy: text === HOSTILE ? text : "snellen inspect <model>",
      evidence: [
        {
          kind: "table",
          caption: text,
          columns: [
            { title: text, unit: text },
            { title: "n", digits: 2 },
          ],
          rows: [
            [text, 1.234],
            [null, 5],
          ],
        },
        {
          kind: "bars",
          caption: text,
          axis: text,
          bars: [
            { label: text, value: 2 },
            { label: "none", value: 0 },
            { label: "less", value: -1 },
          ],
        },
        { kind: "picture", caption: text, width: 8, height: 8, png: `iVBOR"><script>` },
        {
          kind: "plot",
          caption: text,
          x: { title: text },
          y: { title: text },
          series: [{ name: text, points: [[0, 1]], style: "points" }],
        },
      ],
    },
    { ...auditRow("other", undefined, "notApplicable"), title: "t", learnMore: "javascript:alert(1)" },
    { ...auditRow("well", undefined, "good"), inWords: "All in plain words." },
    auditRow("throwing", undefined, "error"),
  ],
});

describe("examHtml", () => {
  it("escapes names of files, classes and values wherever they stand", () => {
    const page = examHtml(result(HOSTILE));
    expect(page).not.toContain("<script");
    expect(page).not.toMatch(/<img src=x/);
    expect(page).not.toMatch(/<[^>]* onerror=/);
    expect(elementsIn(page)).toEqual(
      new Set(
        "a body caption circle code dd div dl dt figcaption figure g h1 h2 h3 head header details html img li line main meta nav ol p path pre rect section span style summary svg table tbody td text tfoot th thead title tr".split(
          " ",
        ),
      ),
    );
    expect(page.split("&lt;script>alert(").length).toBeGreaterThan(16);
  });

  it("fetches nothing: no address but in links that people click", () => {
    const page = examHtml(result("plain"));
    const addresses = [
      ...page.matchAll(/(?:src|href|url|@import|action|poster|srcset)\s*[=(]\s*["']?([^"')\s>]+)/gi),
    ].map(([, to]) => to);
    expect(
      addresses.filter((to) => !/^(#|data:image\/png;base64,|https:\/\/example\.org)/.test(to ?? "")),
    ).toEqual([]);
    expect(page).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
    expect(page).not.toContain('href="javascript:');
  });

  it("says in plain words what was found, problems first, and folds away what does not apply", () => {
    const page = examHtml(result("plain"));
    const order = [...page.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id);
    expect(order).toEqual(["reading", "throwing", "well", "skipped", "other"]);
    expect(page).toContain(
      '<p class="counts">1 problem, 1 that went wrong, 1 fine, 1 that does not apply here.</p>',
    );
    expect(page).toContain('<a href="#well">All in plain words.</a>');
    expect(page).toContain("<h2>All in plain words.</h2>");
    // results of earlier versions have no words
    expect(page).toContain('<a href="#reading">plain</a>');
    expect(page.indexOf("<details")).toBeGreaterThan(page.indexOf('id="skipped"'));
    expect(page.indexOf("<details")).toBeLessThan(page.indexOf('<section id="other"'));
    expect(page).toContain("<h3>t</h3>");
  });

  it("shows numbers as they are declared, every verdict in words, and the command for this very file", () => {
    const page = examHtml({ ...result("plain"), model: { name: "my net.onnx", facts: [] } });
    expect(page).toContain('<td class="number">1.23</td>');
    for (const words of ["✗ problem", "✗ error", "✓ good", "– not applicable"]) expect(page).toContain(words);
    expect(page).toContain("<code>snellen inspect 'my net.onnx'</code>");
    expect(page).toContain("What to do");
    expect(examHtml(result("set --mean, --std"))).toContain('set <span class="whole">--mean</span>, <span');
  });
});
