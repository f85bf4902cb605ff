// Oracles: HTML written by hand, and what a browser would take for elements.
import { describe, expect, it } from "vitest";
import type { Bars as BarsData, Plot, ResultEvidence, Table } from "../../exam/result.ts";
import { elementsIn, HOSTILE, rendered } from "../test-support/render.ts";
import { Bars } from "./bars.tsx";
import { DataTable } from "./data-table.tsx";
import { Evidence, EvidenceList } from "./evidence.tsx";
import { Picture } from "./picture.tsx";
import { Remedy } from "./remedy.tsx";
import { WebLink } from "./web-link.tsx";

const table: Table = {
  kind: "table",
  caption: "c",
  columns: [{ title: "name" }, { title: "share", digits: 2, unit: "%" }, { title: "n" }, { title: "note" }],
  rows: [
    ["a", 1.234, 5, "x"],
    ["b", null, 12, null],
  ],
};
const barsOf = (...bars: BarsData["bars"]): BarsData => ({ kind: "bars", caption: "c", axis: "share", bars });
const picture = (png: string) => ({ kind: "picture" as const, caption: "a cat", width: 8, height: 6, png });
const plot: Plot = {
  kind: "plot",
  caption: "p",
  x: { title: "x" },
  y: { title: "y" },
  series: [{ name: HOSTILE, points: [[0, 1]], style: "points" }],
};

describe("DataTable", () => {
  it("aligns numbers with their titles, writes absent ones as a dash, and heads rows by their names", () => {
    const html = rendered(DataTable, { table });
    expect(html).toContain(
      '<tr><th scope="col">name</th><th scope="col" class="number">share (%)</th><th scope="col" class="number">n</th><th scope="col">note</th></tr>',
    );
    expect(html).toContain(
      '<tr><th scope="row" class="short">a</th><td class="number">1.23</td><td class="number">5</td><td class="short">x</td></tr>',
    );
    expect(html).toContain('<td class="number">–</td><td class="number">12</td><td class="short">–</td>');
  });

  it("has no heads of rows where a row has no name", () => {
    const bare = { ...table, rows: [...table.rows, [null, 1, 2, "y"]] };
    expect(rendered(DataTable, { table: bare })).not.toContain('scope="row"');
  });

  it("can be scrolled with the keyboard, and says what it is then", () => {
    expect(rendered(DataTable, { table })).toMatch(
      /^<div class="scroll" role="group" aria-label="c" tabindex="0">/,
    );
  });
});

describe("Bars", () => {
  const drawn = (html: string): [number, number][] =>
    [...html.matchAll(/<rect class="bar" x="([\d.]+)%" y="\d+" width="([\d.]+)%"/g)].map(([, x, width]) => [
      Number(x),
      Number(width),
    ]);

  it("are as long as their values, from zero, with intervals to scale and numbers as text", () => {
    const html = rendered(Bars, {
      bars: barsOf(
        { label: "a", value: 2, low: 1, high: 3 },
        { label: "b", value: -1 },
        { label: "c", value: 0 },
      ),
    });
    const [a, b, c] = drawn(html) as [[number, number], [number, number], [number, number]];
    expect(a[1]).toBeCloseTo(2 * b[1], 1);
    expect(b[0] + b[1]).toBeCloseTo(a[0], 1);
    // nothing is still to be seen
    expect(c[1]).toBeGreaterThan(0);
    const [, low, high] = /class="interval" x1="([\d.]+)%" x2="([\d.]+)%"/.exec(html) ?? [];
    expect(Number(low)).toBeCloseTo(a[0] + a[1] / 2, 1);
    expect(Number(high)).toBeCloseTo(a[0] + 1.5 * a[1], 1);
    expect(html).toContain(">2 [1, 3]</td>");
    expect(html).toContain(">-1</td>");
  });

  it("are cut where one would hide all others, which is marked", () => {
    const far = rendered(Bars, { bars: barsOf({ label: "a", value: 1 }, { label: "b", value: 145_000 }) });
    const [a, b] = drawn(far) as [[number, number], [number, number]];
    expect(a[1]).toBeGreaterThan(0.8 * b[1]);
    expect(far).toContain('class="cut"');
    expect(far).toContain(">145000</td>");
    const near = rendered(Bars, { bars: barsOf({ label: "a", value: 1 }, { label: "b", value: 19 }) });
    expect(near).not.toContain('class="cut"');
  });

  it("stand for values that are all zero, or not finite", () => {
    for (const value of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
      const html = rendered(Bars, { bars: barsOf({ label: "a", value }) });
      expect(html.replaceAll(/>[^<]*</g, "")).not.toMatch(/NaN|Infinity/);
    }
    expect(rendered(Bars, { bars: barsOf() })).toContain("<table");
  });
});

describe("Picture", () => {
  it("takes nothing but base64 into its address, and says what it shows", () => {
    const html = rendered(Picture, { picture: picture(`iVBOR"><script>alert(1)</script>\n==`) });
    expect(html).toContain('src="data:image/png;base64,iVBORscriptalert1/script=="');
    expect(elementsIn(html)).toEqual(new Set(["figure", "img", "figcaption"]));
    expect(html).toContain('alt="a cat"');
    expect(html).toContain('width="8" height="6"');
  });
});

describe("WebLink", () => {
  it.each(["https://example.org/a?b=1&c=2", "http://example.org"])("links to %s", (address) => {
    expect(rendered(WebLink, { address, children: "Learn more" })).toBe(
      `<a href="${address.replace("&", "&amp;")}" rel="noreferrer">Learn more</a>`,
    );
  });
  it.each(["javascript:alert(1)", " https://example.org", "data:text/html,x", "//example.org", "paper"])(
    "leaves %j as text",
    (address) => {
      expect(rendered(WebLink, { address, children: "Learn more" })).toBe(`<span>${address}</span>`);
    },
  );
});

describe("Remedy", () => {
  it("leaves room for what an app puts beside the command", () => {
    const html = rendered(Remedy, {
      title: "What to do",
      command: "a <model>",
      action: (c) => `copy ${c.length}`,
    });
    expect(html).toContain("<code>a &lt;model></code></pre>copy 9");
    expect(html).toContain("angle brackets");
    expect(rendered(Remedy, { title: "t", command: "a b" })).not.toContain("angle brackets");
  });
});

describe("EvidenceList", () => {
  it("puts pictures first, figures side by side, and the rest in order", () => {
    const html = rendered(EvidenceList, { evidence: [table, plot, picture("iVBOR"), barsOf(), plot] });
    expect([...html.matchAll(/class="(gallery|plot|scroll|bars|small)"/g)].map(([, name]) => name)).toEqual([
      "gallery",
      "small",
      "scroll",
      "gallery",
      "plot",
      "scroll",
      "bars",
      "gallery",
      "plot",
    ]);
  });

  const hostile: ResultEvidence[] = [
    {
      ...table,
      caption: HOSTILE,
      columns: [{ title: HOSTILE, unit: HOSTILE }, { title: "n" }],
      rows: [[HOSTILE, 1]],
    },
    { ...barsOf({ label: HOSTILE, value: 1 }), caption: HOSTILE, axis: HOSTILE },
    { ...picture("iVBOR"), caption: HOSTILE },
    { ...plot, caption: HOSTILE, x: { title: HOSTILE }, y: { title: HOSTILE } },
  ];
  it.each(hostile)("takes no text of $kind for code", (item) => {
    const html = rendered(Evidence, { item });
    const own =
      "div table caption span thead tbody tfoot tr th td figure img figcaption svg g text line path circle rect".split(
        " ",
      );
    expect([...elementsIn(html)].filter((name) => !own.includes(name))).toEqual([]);
    expect(html).not.toMatch(/<[^>]* onerror=/);
    expect(html).toContain("&lt;script>alert(");
  });
});
