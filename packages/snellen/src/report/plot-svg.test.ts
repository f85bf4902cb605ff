// Plots. Oracles: librsvg, which reads the SVG as XML and paints it; places on the axes by hand; the texts that must be there.
import { InternalError } from "@snellen/graph";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { type Plot, parseExam } from "../exam/result.ts";
import { plotDescription } from "./plot/plot-scales.ts";
import { plotSvg } from "./plot-svg.tsx";

const line = (points: [number, number][]): Plot["series"][number] => ({ name: "a", points, style: "line" });
const plot = (changes: Partial<Plot> = {}): Plot => ({
  kind: "plot",
  caption: "fall of R",
  x: { title: "radius (px)" },
  y: { title: "mean of R" },
  series: [
    line([
      [0, 0],
      [5, 1],
      [10, 0.5],
    ]),
  ],
  ...changes,
});

/** Of series; those of the legend move by `h`. */
const paths = (svg: string): string[] =>
  [...svg.matchAll(/<path d="(M[^Vh"]+)" fill="none" stroke="#[0-9a-f]{6}"/g)].map(([, d]) => d as string);

/** Width and height of the area between the axes. */
function areaOf(svg: string): [number, number] {
  const [, height, width] = /<path d="M0,0V([\d.]+)H([\d.]+)"/.exec(svg) ?? [];
  return [Number(width), Number(height)];
}

/** How many pixels have nearly this colour; throws where the SVG is not well-formed. */
async function painted(svg: string, color: readonly [number, number, number]): Promise<number> {
  const { data, info } = await sharp(Buffer.from(svg)).raw().toBuffer({ resolveWithObject: true });
  let count = 0;
  for (let i = 0; i < data.length; i += info.channels)
    if (color.every((v, c) => Math.abs((data[i + c] as number) - v) < 6)) count++;
  return count;
}
const BLUE = [0x00, 0x72, 0xb2] as const;

describe("plotSvg", () => {
  it("draws one path a series, to scale, y from the top", () => {
    const series = [
      line([
        [0, 0],
        [5, 1],
        [10, 0.5],
      ]),
      {
        ...line([
          [0, 1],
          [10, 1],
        ]),
        name: "b",
        style: "dashed" as const,
      },
    ];
    const svg = plotSvg(plot({ series }));
    const [w, h] = areaOf(svg);
    expect(w).toBeGreaterThan(350);
    expect(paths(svg)).toEqual([`M0,${h}L${w / 2},0L${w},${h / 2}`, `M0,0L${w},0`]);
    expect(svg.match(/stroke-dasharray="7 5"/g)).toHaveLength(2);
  });

  it("is paintable, on white, in its own colours; points too", async () => {
    expect(await painted(plotSvg(plot()), BLUE)).toBeGreaterThan(300);
    const svg = plotSvg(plot());
    expect(await painted(svg, [255, 255, 255])).toBeGreaterThan(100_000);
    const points = plotSvg(
      plot({
        series: [
          {
            ...line([
              [1, 1],
              [2, 2],
            ]),
            style: "points",
          },
        ],
      }),
    );
    expect(points.match(/<circle[^>]*fill="#0072b2"/g)).toHaveLength(2);
    await painted(points, BLUE);
  });

  it("draws several one below the other, all on white", async () => {
    const [one, both] = [plotSvg(plot()), plotSvg(plot(), plot())];
    const heightOf = (svg: string) => Number(/ height="([\d.]+)"/.exec(svg)?.[1]);
    expect(heightOf(both)).toBe(2 * heightOf(one));
    expect(await painted(both, BLUE)).toBe(2 * (await painted(one, BLUE)));
    const { hasAlpha } = await sharp(Buffer.from(both)).metadata();
    expect(hasAlpha && (await sharp(Buffer.from(both)).stats()).isOpaque).toBe(true);
  });

  it("holds its titles and, of several series, their names; a single one needs none", () => {
    const svg = plotSvg(plot({ series: [line([[0, 1]]), { ...line([[1, 2]]), name: "the fit" }] }));
    for (const text of [">radius (px)<", ">mean of R<", ">the fit<", 'aria-label="fall of R"', 'role="img"'])
      expect(svg).toContain(text);
    expect(plotSvg(plot())).not.toContain(">a<");
  });

  it("escapes text, drops what XML forbids, and takes nothing for code", async () => {
    const text = `$& $' $\` $$ $1 <script>alert(1)</script> & "x" 'y' ]]> \u0000\u001b\ud800 {signal: "a"} datum.x`;
    const svg = plotSvg(
      plot({
        caption: text,
        x: { title: text },
        y: { title: text },
        series: [{ ...line([[0, 1]]), name: text }, line([[1, 1]])],
      }),
    );
    expect(svg).not.toContain("<script");
    const [, label = ""] = /aria-label="([^"]*)"/.exec(svg) ?? [];
    const read = label
      .replaceAll("&quot;", '"')
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&amp;", "&");
    expect(read).toBe(`$& $' $\` $$ $1 <script>alert(1)</script> & "x" 'y' ]]>   {signal: "a"} datum.x`);
    expect(svg.match(/&lt;script>alert\(1\)/g)?.length).toBeGreaterThanOrEqual(4);
    await painted(svg, BLUE);
  });

  it("fetches nothing", () => {
    const addresses = plotSvg(plot()).match(/(href|src|url)\s*[=(][^>]*/gi);
    expect(addresses).toBeNull();
  });

  it("has logarithmic axes: a decade is a third of 1 to 1000; what is not above zero is left out and counted", () => {
    const logs = plot({
      x: { title: "x", scale: "log" },
      series: [
        line([
          [0, 3],
          [1, 0],
          [10, 1],
          [1000, 2],
        ]),
      ],
    });
    const svg = plotSvg(logs);
    const [w, h] = areaOf(svg);
    const third = Number((w / 3).toFixed(3));
    // from 1 to 3
    expect(paths(svg)).toEqual([`M0,${h}L${third},${h / 2}L${w},0`]);
    expect(plotDescription(logs)).toBe(
      "fall of R (1 point is not above zero; it has no place on a logarithmic axis)",
    );
    expect(plotDescription(plot())).toBe("fall of R");
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("refuses %d", (v) => {
    expect(() => plotSvg(plot({ series: [line([[0, v]])] }))).toThrow(InternalError);
  });

  it.each<[string, Plot["series"]]>([
    ["no series", []],
    ["no points", [line([])]],
    ["one point", [line([[3, 7]])]],
    ["only points that cannot be drawn", [line([[-1, 0]])]],
  ])("has axes for %s", async (_, series) => {
    for (const scale of ["linear", "log"] as const) {
      const svg = plotSvg(plot({ series, x: { title: "x", scale }, y: { title: "y", scale } }));
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      await painted(svg, BLUE);
    }
  });

  it("draws more series than there are colours", () => {
    const series = Array.from({ length: 9 }, (_, i) => ({
      ...line([
        [0, i],
        [1, i],
      ]),
      name: `s${i}`,
    }));
    const svg = plotSvg(plot({ series }));
    const marks = [
      ...svg.matchAll(/<path d="M0,[\d.]+L[^"]*" fill="none" (stroke="#\w+" stroke-width="[\d.]+")/g),
    ];
    expect(new Set(marks.map(([, look]) => look)).size).toBe(9);
  });
});

describe("a plot in the exam's result", () => {
  const result = (evidence: unknown) => ({
    version: 1,
    snellen: "0.1.0",
    date: "2026-11-24T00:00:00Z",
    model: { name: "m", facts: [] },
    images: { name: "i", count: 1, skipped: [] },
    audits: [
      {
        id: "a",
        verdict: "good",
        title: "t",
        description: "d",
        learnMore: "l",
        summary: "s",
        evidence: [evidence],
      },
    ],
  });
  it("survives being written and read; what is no plot is refused", () => {
    const own = plot({ y: { title: "y", scale: "log" } });
    expect(parseExam(JSON.parse(JSON.stringify(result(own)))).audits[0]?.evidence).toEqual([own]);
    expect(() => parseExam(result({ ...own, y: { title: "y", scale: "cubic" } }))).toThrow(/scale/);
  });
});
