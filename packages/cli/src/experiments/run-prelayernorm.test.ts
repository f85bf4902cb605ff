// snellen reproduce prelayernorm: what it runs on, writes and goes on from, on an experiment as small as it gets.
import { appendFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EMBEDDED } from "../embedded.ts";
import { createTerminal } from "../terminal.ts";
import { pictureFile, snellen, temporaryFolder } from "../test-support/command-line.ts";
import { runPreLayerNorm } from "./run-prelayernorm.ts";

const at = await temporaryFolder();
const VIT = join(EMBEDDED.folder, "optotypes-vit.onnx");

const DATA = "optotypes:size=32,count=64";
const EFFORT = { seeds: 1, train: 64, test: 4, epochs: 1, corrupted: 4, scaled: 4, modes: [] };

async function run(more: object) {
  const [out, err]: [string[], string[]] = [[], []];
  const flags = {
    quick: true,
    n: 2,
    seed: 0,
    workers: 0,
    json: true,
    resume: true,
    out: at("out"),
    data: DATA,
    ...more,
  };
  const streams = {
    stdout: { write: (t: string) => out.push(t) },
    stderr: { write: (t: string) => err.push(t) },
  };
  const context = { signal: new AbortController().signal, terminal: createTerminal(flags, streams) };
  const code = await runPreLayerNorm([], flags, context, ["contrast", "contrast_enhancement"], EFFORT);
  return { code, stdout: out.join(""), stderr: err.join("") };
}

describe("reproduce prelayernorm", () => {
  it("runs on embedded and listed networks, and goes on from an interrupted run", async () => {
    for (let i = 0; i < 4; i++) await pictureFile(at("photos", `${i}.png`), i, 40, 40);
    const networks = at("networks.json");
    const cnn = join(EMBEDDED.folder, "optotypes-cnn.onnx");
    const listed = { model: cnn, images: ["photos"], dataset: "noise", preset: "unit" };
    await writeFile(networks, JSON.stringify({ networks: [listed] }));
    const ran = await run({ networks });
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    const [letters, noise] = JSON.parse(ran.stdout).datasets;
    expect(letters).toMatchObject({ dataset: "optotypes", images: 2, calibrationImages: 64 });
    expect(letters.networks.map((own: { name: string; kind: string }) => [own.name, own.kind])).toEqual([
      ["optotypes-cnn", "cnn"],
      ["optotypes-vit", "vit"],
      ["optotypes-vit, after-projection", "vit"],
      ["optotypes-vit, before-projection", "vit"],
      ["optotypes-vit, both", "vit"],
    ]);
    expect(letters.pairs).toMatchObject([{ first: "optotypes-vit", second: "optotypes-cnn" }]);
    expect(letters.calibrations).toHaveLength(3);
    // nothing is calibrated there, and no picture has a label
    expect(noise).toMatchObject({ dataset: "noise", images: 2, calibrationImages: 0, pairs: [] });
    expect(noise.networks).toMatchObject([{ name: "optotypes-cnn~2", kind: "cnn", measure: "agreement" }]);
    const { trainings, regime } = JSON.parse(ran.stdout);
    expect(trainings.map((own: { kind: string }) => own.kind)).toEqual(["vit", "cnn"]);
    expect(regime).toMatchObject({ data: { name: "optotypes", train: 64, test: 64 }, effort: EFFORT });
    // graphs are no part of the result
    expect(ran.stdout.length).toBeLessThan(400_000);
    expect(await readFile(at("out", "prelayernorm.md"), "utf8")).toContain("# PreLayerNorm: what holds here");
    expect(await readFile(at("out", "prelayernorm.html"), "utf8")).toContain('<figure class="plot">');

    const path = at("out", "prelayernorm.jsonl");
    const lines = (await readFile(path, "utf8")).split("\n");
    const known: { source: string; file: object }[] = JSON.parse(lines[0] ?? "").networks.flatMap(
      ({ images, calibration }: { images: object[]; calibration: object[] }) => [...images, ...calibration],
    );
    // one to calibrate on, one to measure on
    for (const photo of [at("photos", "0.png"), at("photos", "1.png")])
      expect(known.find(({ source }) => source === photo)?.file).toMatchObject({
        size: (await stat(photo)).size,
      });
    // settings and eight pieces, of which the last was cut off
    await writeFile(path, `${lines.slice(0, -2).join("\n")}\n`);
    await appendFile(path, lines.at(-2)?.slice(0, 40) ?? "");
    expect(JSON.parse((await run({ networks })).stdout)).toEqual(JSON.parse(ran.stdout));
    expect((await readFile(path, "utf8")).split("\n")).toHaveLength(lines.length);
  }, 180_000);

  it("is defined on the command line, and refuses what it cannot run on", async () => {
    const help = await snellen("reproduce", "prelayernorm", "--help");
    expect([help.code, help.stdout]).toEqual([0, expect.stringContaining("arXiv:2111.08413")]);
    expect(help.stdout).toContain("--quick");
    const refused = async (...more: string[]) => {
      const args = ["reproduce", "prelayernorm", VIT, "--n", "1", "--out", at("none"), "--json"];
      const { code, stderr } = await snellen(...args, ...more);
      return [code, JSON.parse(stderr.trim().split("\n").at(-1) ?? "").error.code];
    };
    expect(await refused()).toEqual([2, "missing-flag"]);
    await pictureFile(at("one", "a.png"), 1, 40, 40);
    expect(await refused("--images", at("one"))).toEqual([2, "too-few-images"]);
    // a network that lists no images sees the command line's
    const bare = at("bare.json");
    await writeFile(bare, JSON.stringify({ networks: [{ model: VIT }] }));
    const alone = ["reproduce", "prelayernorm", "--networks", bare, "--n", "1", "--out", at("none")];
    const said = async (...more: string[]) => (await snellen(...alone, ...more)).stderr;
    expect(await said()).toContain("--images: is needed here.");
    expect(await said("--images", at("one"))).toContain("1 images, of which some are for calibration.");
  });
});
