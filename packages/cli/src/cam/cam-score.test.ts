// snellen cam-score as people use it: the files, what --resume keeps, what is refused. Oracle: the JSON against the CSV, and
// properties of the measures.
import { mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { encodePng } from "snellen/node";
import { beforeAll, describe, expect, it } from "vitest";
import {
  CLASSIFIER,
  failure,
  modelFile,
  pictureFile,
  snellen,
  temporaryFolder,
} from "../test-support/command-line.ts";

const at = await temporaryFolder();

beforeAll(async () => {
  await modelFile(at("model.onnx"), CLASSIFIER);
  for (const name of ["a", "b", "c"]) await pictureFile(at("photos", `${name}.png`), name.charCodeAt(0));
  const images = ["a", "b", "c"].map((name, i) => ({
    file: `${name}.png`,
    classIndex: i,
    box: [2, 2, 10, 8],
  }));
  await writeFile(at("photos", "annotations.json"), JSON.stringify({ images }));
});

const args = (out: string, ...flags: string[]) => [
  "cam-score",
  at("model.onnx"),
  "--images",
  at("photos"),
  "--out",
  at(out),
  "--quiet",
  "--methods",
  "grad-cam,extended-cam",
  "--measures",
  "energy,iou,average-drop",
  ...flags,
];

async function score(out: string, ...flags: string[]) {
  const { code, stdout, stderr } = await snellen(...args(out, "--json", ...flags));
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

describe("cam-score", () => {
  it("writes a table, a document, a page and a journal that agree", async () => {
    const result = await score("whole");
    expect((await readdir(at("whole"))).sort()).toEqual([
      "scores.csv",
      "scores.html",
      "scores.json",
      "scores.jsonl",
    ]);
    expect(JSON.parse(await readFile(at("whole", "scores.json"), "utf8"))).toEqual(result);
    expect(result).toMatchObject({ version: 1, images: 3, localized: 3, skipped: [], refused: [] });
    expect(result.configurations.map((c: { name: string }) => c.name)).toEqual([
      "grad-cam bilinear",
      "grad-cam gaussian",
      "extended-cam bilinear",
      "extended-cam gaussian",
    ]);
    expect(result.rows).toHaveLength(12);
    expect(result.sanity).toMatchObject({
      images: 3,
      layers: 2,
      levels: [1, 2],
      rows: [{ method: "grad-cam" }, { method: "extended-cam" }],
    });
    const lines = (await readFile(at("whole", "scores.csv"), "utf8")).trim().split("\n");
    expect(lines[0]).toBe("method,upsampling,layer,measure,mean,low,high,images");
    const csv = lines.find((line) => line.startsWith("extended-cam,gaussian,f,energy,"))?.split(",");
    const { mean, low, high } = result.configurations[3].scores.energy;
    expect(csv?.slice(4).map(Number)).toEqual([mean, low, high, 3]);
    expect(low).toBeLessThanOrEqual(mean);
    expect(high).toBeGreaterThanOrEqual(mean);
    const html = await readFile(at("whole", "scores.html"), "utf8");
    expect(html).toContain("<svg");
    expect(html).toContain("Sanity check");
    expect(html).not.toContain("<script");
  });

  it("skips an image whose mask is missing or does not fit, says why, and scores the others", async () => {
    for (const name of ["a", "b", "c"]) await pictureFile(at("masked", `${name}.png`), name.charCodeAt(0));
    const masks = { a: { mask: "gone.png" }, b: { box: [2, 2, 10, 8] }, c: { mask: "../masks/c.png" } };
    const images = Object.entries(masks).map(([name, how]) => ({
      file: `${name}.png`,
      classIndex: 1,
      ...how,
    }));
    await mkdir(at("masks"));
    await writeFile(
      at("masks", "c.png"),
      await encodePng({ width: 3, height: 2, data: new Uint8Array(18).fill(255) }),
    );
    await writeFile(at("masked", "annotations.json"), JSON.stringify({ images }));
    const ran = await snellen(
      ...args("masked-out", "--json").map((arg) => (arg === at("photos") ? at("masked") : arg)),
    );
    expect(ran.code).toBe(3);
    const result = JSON.parse(ran.stdout);
    expect(result).toMatchObject({ images: 1, localized: 1 });
    expect(result.skipped).toEqual([
      { source: at("masked", "a.png"), reason: expect.stringContaining("gone.png: there is no such file.") },
      { source: at("masked", "c.png"), reason: expect.stringContaining("c.png: the mask is 3x2") },
    ]);
    expect(ran.stderr).toContain(`skipped ${at("masked", "a.png")}: `);
  });

  it("prints a table for people", async () => {
    const { code, stdout } = await snellen(...args("table"));
    expect(code).toBe(0);
    expect(stdout).toMatch(/extended-cam gaussian .* ±/);
  });

  it("--resume keeps what was scored with equal settings, and drops a line that was cut off", async () => {
    const first = await score("resumed");
    const journal = at("resumed", "scores.jsonl");
    const text = await readFile(journal, "utf8");
    const lines = text.split("\n");
    await writeFile(journal, `${lines.slice(0, 3).join("\n")}\n${lines[3]?.slice(0, 40)}`);
    const { mtimeMs } = await stat(journal);
    expect(await score("resumed", "--resume")).toEqual(first);
    expect((await stat(journal)).mtimeMs).toBeGreaterThan(mtimeMs - 1);
    expect((await readFile(journal, "utf8")).split("\n").sort()).toEqual(text.split("\n").sort());
    await utimes(at("photos", "annotations.json"), 5, 5);
    const annotated = await snellen(...args("resumed", "--resume").filter((a) => a !== "--quiet"));
    expect(annotated.stderr).toContain("are of other settings; all are made anew");
    const other = await snellen(...args("resumed", "--resume", "--seed", "5").filter((a) => a !== "--quiet"));
    expect(other.stderr).toContain("are of other settings; all are made anew");
  });

  it("--resume scores a replaced picture, or one with a replaced mask, anew", async () => {
    for (const name of ["a", "b", "c"]) await pictureFile(at("later", `${name}.png`), name.charCodeAt(0));
    const mask = (value: number) => pictureFile(at("later-masks", "c.png"), value);
    await mask(1);
    const images = ["a", "b", "c"].map((name) => ({
      file: `${name}.png`,
      classIndex: 1,
      ...(name === "c" ? { mask: "../later-masks/c.png" } : { box: [2, 2, 10, 8] }),
    }));
    await writeFile(at("later", "annotations.json"), JSON.stringify({ images }));
    const later = (out: string, ...flags: string[]) =>
      snellen(
        ...args(out, "--json", ...flags)
          .map((arg) => (arg === at("photos") ? at("later") : arg))
          .filter((arg) => arg !== "--quiet"),
      );
    await later("later-out");
    await pictureFile(at("later", "b.png"), 9);
    await utimes(at("later-masks", "c.png"), 5, 5);
    const { stdout, stderr } = await later("later-out", "--resume");
    expect(stderr).toContain("--resume: 2 of 3 pictures changed since the earlier run into");
    expect(JSON.parse(stdout)).toEqual(JSON.parse((await later("later-fresh")).stdout));
    expect((await later("later-out", "--resume")).stderr).not.toContain("--resume");
  });

  it("gives the same numbers for a seed", async () => {
    expect(await score("s1", "--seed", "3")).toEqual(await score("s2", "--seed", "3"));
  });

  it.each([
    [["--methods", "gradcam"], "unknown-method"],
    [["--measures", "energi"], "unknown-measure"],
    [["--upsampling", "cubic"], "unknown-upsampling"],
    [["--target", "99"], "target-out-of-range"],
    [["--layer", "nope"], "unknown-layer"],
    [["--limit", "0"], "bad-limit"],
  ])("refuses %s with %s", async (flags, code) => {
    expect(await failure(...args("bad", ...flags))).toMatchObject({ code, exitCode: 2 });
  });
});
