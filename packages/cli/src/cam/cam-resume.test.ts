// Sheets and versions under `cam --resume`, and what a watched run shows. Oracle: the files of a run that was never cut off.
import { readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { VERSION, writeNpy } from "snellen/node";
import { beforeAll, describe, expect, it } from "vitest";
import { run } from "../main.ts";
import {
  CLASSIFIER,
  modelFile,
  pictureFile,
  snellen,
  temporaryFolder,
} from "../test-support/command-line.ts";
import type { Manifest } from "./manifest.ts";

const at = await temporaryFolder();
const model = at("model.onnx");

beforeAll(async () => {
  await modelFile(model, CLASSIFIER);
  for (const name of ["a", "b", "c"]) await pictureFile(at("photos", `${name}.png`), name.charCodeAt(0));
});

const args = (out: string, ...flags: string[]) => [
  "cam",
  model,
  ...(flags.includes("--images") ? [] : ["--images", at("photos")]),
  "--out",
  at(out),
  "--json",
  "--quiet",
  ...flags,
];

async function cam(out: string, ...flags: string[]): Promise<Manifest> {
  const { code, stdout, stderr } = await snellen(...args(out, ...flags));
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

const METHODS = [
  "--method",
  "extended-cam,guided-backprop",
  "--target",
  "top1",
  "--target",
  "2",
  "--batch",
  "1",
];

describe("--sheet with --resume", () => {
  it("shows the whole folder, as a run that was never cut off", async () => {
    const whole = await cam("sheet", "--sheet", ...METHODS);
    expect(whole.sheets).toEqual(["sheet-1.png"]);
    const sheet = await readFile(at("sheet", "sheet-1.png"));
    await rm(at("sheet", "sheet-1.png"));
    await rm(at("sheet", whole.maps[4]?.files.map as string));
    const again = await cam("sheet", "--sheet", "--resume", ...METHODS);
    expect(again).toEqual(whole);
    expect((await readFile(at("sheet", "sheet-1.png"))).equals(sheet)).toBe(true);
    await rm(at("sheet", "sheet-1.png"));
    await cam("sheet", "--sheet", "--resume", ...METHODS);
    expect((await readFile(at("sheet", "sheet-1.png"))).equals(sheet)).toBe(true);
  });

  it("writes the rows that are done when a run fails, and lists the sheet", async () => {
    await writeNpy(at("bad.npy"), { shape: [1, 3, 16, 16], values: new Float32Array(768).fill(Number.NaN) });
    const ran = await snellen(
      ...args("failed", "--sheet", "--batch", "1").flatMap((arg) =>
        arg === at("photos") ? [arg, at("bad.npy")] : [arg],
      ),
    );
    expect(ran.code).toBe(2);
    const manifest: Manifest = JSON.parse(await readFile(at("failed", "manifest.json"), "utf8"));
    expect(manifest).toMatchObject({ complete: false, sheets: ["sheet-1.png"] });
    expect(manifest.maps).toHaveLength(3);
    expect((await stat(at("failed", "sheet-1.png"))).size).toBeGreaterThan(0);
  });
});

it("--resume knows another version of the model or of its class names", async () => {
  await writeFile(at("names.txt"), "a\nb\nc\nd\ne\n");
  const flags = ["--labels", at("names.txt"), "--resume"];
  const isMadeAnew = async () => {
    await utimes(at("version", "a__grad-cam.npy"), 1, 1);
    await cam("version", ...flags);
    return (await stat(at("version", "a__grad-cam.npy"))).mtimeMs !== 1000;
  };
  const { version } = await cam("version", ...flags);
  expect(version.file).toMatchObject({ size: (await stat(model)).size });
  expect(version.labels?.path).toBe(at("names.txt"));
  expect(await isMadeAnew()).toBe(false);
  await utimes(model, 5, 5);
  expect(await isMadeAnew()).toBe(true);
  expect(await isMadeAnew()).toBe(false);
  await writeFile(at("names.txt"), "a\nb\nc\nd\nother\n");
  expect(await isMadeAnew()).toBe(true);
});

describe("--resume with other pictures", () => {
  const mapsOf = async (out: string, ...flags: string[]) => {
    const manifest = await cam(out, ...flags);
    return await Promise.all(
      manifest.maps.map(async ({ image, score, files }) => [
        image,
        score,
        await readFile(at(out, files.map), "hex"),
      ]),
    );
  };
  // one at a time: the sums of a batch depend on its size in their last bits
  const from = (...folders: string[]) => ["--batch", "1", "--images", ...folders.map((folder) => at(folder))];

  it("makes the maps of a replaced picture anew, and no others", async () => {
    for (const name of ["a", "b"]) await pictureFile(at("replaced", `${name}.png`), name.charCodeAt(0));
    await cam("kept", ...from("replaced"));
    await utimes(at("kept", "a__grad-cam.npy"), 1, 1);
    await pictureFile(at("replaced", "b.png"), 7);
    const again = await snellen(
      ...args("kept", ...from("replaced"), "--resume").filter((arg) => arg !== "--quiet"),
    );
    expect(again.stderr).toContain("--resume: 1 of 2 pictures changed since the earlier run into");
    expect((await stat(at("kept", "a__grad-cam.npy"))).mtimeMs).toBe(1000);
    expect(await mapsOf("kept", ...from("replaced"), "--resume")).toEqual(
      await mapsOf("fresh", ...from("replaced")),
    );
  });

  it("knows the slots of a replaced batch", async () => {
    const batch = (value: number) =>
      writeNpy(at("batch.npy"), { shape: [2, 3, 16, 16], values: new Float32Array(1536).fill(value) });
    await batch(1);
    await cam("slots", ...from("batch.npy"));
    await batch(2);
    await utimes(at("batch.npy"), 5, 5);
    expect(await mapsOf("slots", ...from("batch.npy"), "--resume")).toEqual(
      await mapsOf("slots-2", ...from("batch.npy")),
    );
  });

  it("keeps apart pictures of one name, whatever their order", async () => {
    for (const folder of ["x", "y"]) await pictureFile(at(folder, "same.png"), folder.charCodeAt(0));
    await cam("order", ...from("y"));
    expect(await mapsOf("order", ...from("x", "y"), "--resume")).toEqual(
      await mapsOf("order-2", ...from("x", "y")),
    );
  });

  it("makes all anew where the manifest is of another version of Snellen, or has none", async () => {
    const whole = await cam("old");
    const { snellen: version, images: _, ...rest } = whole;
    expect(version).toBe(VERSION);
    for (const earlier of [rest, { ...whole, snellen: "0.0.1" }]) {
      await writeFile(at("old", "manifest.json"), JSON.stringify(earlier));
      const { code, stderr } = await snellen(...args("old", "--resume").filter((arg) => arg !== "--quiet"));
      expect([code, stderr]).toEqual([
        0,
        expect.stringContaining("were made with other settings; all are made anew"),
      ]);
    }
  });
});

it("shows how far slow methods are within a batch", async () => {
  const shown: string[] = [];
  const code = await run(
    args("watched", "--method", "score-cam", "--batch", "3").filter((arg) => arg !== "--quiet"),
    { stdout: { write: () => true }, stderr: { write: (text: string) => shown.push(text), isTTY: true } },
  );
  expect(code).toBe(0);
  const shares = shown.flatMap((text) => /heat maps .* (\d+) %/.exec(text)?.[1] ?? []).map(Number);
  expect(shares.at(-1)).toBe(100);
  expect(shares.filter((share) => share > 0 && share < 100).length).toBeGreaterThan(0);
  expect([...shares].sort((a, b) => a - b)).toEqual(shares);
});
