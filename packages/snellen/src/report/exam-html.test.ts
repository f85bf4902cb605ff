// Oracle: what a browser would fetch or run, searched for in the page's text.
import { describe, expect, it } from "vitest";
import type { ExamResult } from "../exam/result.ts";
import { escapeHtml } from "./evidence-html.ts";
import { examHtml } from "./exam-html.ts";

const HOSTILE = `<script>alert("1")</script><img src=x onerror='alert(2)'>&amp;`;

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
      remedy: text,
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
    {
      id: "other",
      verdict: "error",
      title: "t",
      description: "d",
      learnMore: "javascript:alert(1)",
      summary: "s",
      evidence: [],
    },
  ],
});

describe("examHtml", () => {
  it("escapes names of files, classes and values wherever they stand", async () => {
    const page = await examHtml(result(HOSTILE));
    expect(page).not.toContain("<script");
    expect(page).not.toMatch(/<img src=x/);
    expect(page).not.toMatch(/ onerror=['"]/);
    const elements = new Set([...page.matchAll(/<([a-z0-9]+)/gi)].map(([, name]) => name?.toLowerCase()));
    expect(elements).toEqual(
      new Set([
        ..."a body caption code dd div dl dt figcaption figure h1 h2 head header html img li line main meta nav ol p pre rect section span style svg table tbody td text th thead title tr".split(
          " ",
        ),
      ]),
    );
    const count = (text: string) => page.split(text).length - 1;
    expect(count(escapeHtml(HOSTILE))).toBeGreaterThan(12);
  });

  it("fetches nothing: no address but in links that people click", async () => {
    const page = await examHtml(result("plain"));
    const addresses = [
      ...page.matchAll(/(?:src|href|url|@import|action|poster|srcset)\s*[=(]\s*["']?([^"')\s>]+)/gi),
    ].map(([, to]) => to);
    expect(
      addresses.filter(
        (to) => !/^(#|data:image\/png;base64,|data:image\/svg\+xml,|https:\/\/example\.org)/.test(to ?? ""),
      ),
    ).toEqual([]);
    expect(page).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
    expect(page).not.toContain('href="javascript:');
  });

  it("shows numbers as they are declared, absent ones as a dash, and every verdict in words", async () => {
    const page = await examHtml(result("plain"));
    expect(page).toContain('<td class="number">1.23</td>');
    expect(page).toContain("<td>–</td>");
    expect(page).toContain("✗ problem");
    expect(page).toContain("✗ error");
  });
});
