// Reference pictures of the `imagecorruptions` package with the draws behind them: ours, made by `tools/reference/corruptions.py`, and
// those of a `shared` folder beside the repository where there is one. Both have the layout of the latter's README.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { halfToFloat } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { decodeImage } from "../../node/images-decode.ts";
import { corruptPixels } from "../corrupt.ts";
import type { Corruption, Pixels, Severity } from "../corruption.ts";
import { pictureStatistics } from "./statistics.ts";

const OWN = fileURLToPath(new URL("../fixtures/reference", import.meta.url));
const SHARED = fileURLToPath(new URL("../../../../../../shared/reference/corruptions", import.meta.url));
export const referenceFolders: readonly string[] = [OWN, SHARED].filter((folder) => existsSync(folder));

/** What was drawn for one picture and severity. */
export interface RecordedDraw {
  /** Values of an `.npy` file, by its key in the index. */
  readonly array: (key: string) => Float32Array;
  readonly number: (key: string) => number;
  /** A picture, by its key in the index. */
  readonly picture: (key: string) => Promise<Pixels>;
}

interface Golden {
  readonly name: string;
  readonly clean: string;
  readonly expected: string;
  readonly severity: Severity;
  readonly draw: RecordedDraw;
}

const cleanFile = (folder: string, picture: string): string => join(folder, "clean", `${picture}.png`);

/** Width times height, by a PNG file's header. */
function pixelsOf(path: string): number {
  const header = readFileSync(path);
  return header.readUInt32BE(16) * header.readUInt32BE(20);
}

/** Checks a corruption against every reference picture of it; `drawOf` gives the recorded draw the form that `apply` takes. */
export function equalsReference<Level, Draw>(
  corruption: Corruption<Level, Draw>,
  drawOf?: (recorded: RecordedDraw, clean: Pixels, level: Level) => Draw | Promise<Draw>,
): void {
  describe(`${corruption.id} equals the reference`, () => {
    const goldens = referenceFolders.flatMap((folder) => goldensOf(folder, corruption.id));
    it("has reference pictures of all severities", () =>
      expect(new Set(goldens.map(({ severity }) => severity)).size).toBe(5));
    it.each(goldens)("$name", async ({ clean: path, expected, severity, draw }) => {
      const clean = await decodeImage(path);
      const level = corruption.levels[severity - 1] as Level;
      const before = clean.data.slice();
      const made = corruption.apply(clean, level, (await drawOf?.(draw, clean, level)) as Draw);
      expectSamePicture(made, (await decodeImage(expected)).data);
      expect(Buffer.compare(clean.data, before), "the picture that was given").toBe(0);
    });
  });
}

/** At most 1 grey level apart on average, and at most 1 % of the pixels by more than 3. */
function expectSamePicture(made: Uint8Array, expected: Uint8Array): void {
  expect(made.length).toBe(expected.length);
  let sum = 0;
  let far = 0;
  for (let i = 0; i < made.length; i += 3) {
    let most = 0;
    for (let c = i; c < i + 3; c++) {
      const off = Math.abs((made[c] as number) - (expected[c] as number));
      sum += off;
      most = Math.max(most, off);
    }
    if (most > 3) far++;
  }
  expect(sum / made.length, "mean difference in grey levels").toBeLessThanOrEqual(1);
  expect(far / (made.length / 3), "share of pixels off by more than 3").toBeLessThanOrEqual(0.01);
}

function goldensOf(folder: string, id: string): Golden[] {
  const index = drawIndex(folder);
  return ["deterministic", "recorded"].flatMap((kind) => {
    const at = join(folder, kind);
    if (!existsSync(at)) return [];
    return readdirSync(at)
      .filter((file) => file.split("__")[1] === id)
      .sort()
      .map((file) => {
        const [picture, , severity] = file.replace(".png", "").split("__") as [string, string, string];
        return {
          name: file,
          clean: cleanFile(folder, picture),
          expected: join(at, file),
          severity: Number(severity) as Severity,
          draw: recordedDraw(join(folder, "draws"), index[file.replace(".png", "")] ?? {}),
        };
      });
  });
}

type DrawEntry = Readonly<Record<string, string | number>>;

function drawIndex(folder: string): Record<string, DrawEntry> {
  const at = join(folder, "draws");
  if (!existsSync(at)) return {};
  const files = readdirSync(at).filter((file) => file.startsWith("index"));
  return Object.assign({}, ...files.map((file) => JSON.parse(readFileSync(join(at, file), "utf8"))));
}

const recordedDraw = (folder: string, entry: DrawEntry): RecordedDraw => ({
  array: (key) => readArray(join(folder, String(entry[key]))),
  number: (key) => Number(entry[key]),
  picture: (key) => decodeImage(join(folder, String(entry[key]))),
});

/** Values of an `.npy` file of any of the types that draws are stored in. */
export function readArray(path: string): Float32Array {
  const bytes = readFileSync(path);
  const start = 10 + bytes.readUInt16LE(8);
  const [, type = ""] = /'descr': '([^']+)'/.exec(bytes.toString("latin1", 10, start)) ?? [];
  const data = bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length);
  const read = READERS[type];
  if (read === undefined) throw new Error(`${path} holds ${type}`);
  return read(data);
}

const READERS: Readonly<Record<string, (data: ArrayBuffer) => Float32Array>> = {
  "<f4": (data) => new Float32Array(data),
  "<f2": (data) => Float32Array.from(new Uint16Array(data), halfToFloat),
  "|u1": (data) => Float32Array.from(new Uint8Array(data)),
  "|i1": (data) => Float32Array.from(new Int8Array(data)),
};

interface Spread {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

interface Statistics {
  readonly seeds: number;
  readonly names: readonly string[];
  readonly stats: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Spread>>>>>>;
}

/** Pictures of more pixels are left out: the spectra of 64 seeds would take long. */
const MOST_PIXELS = 2048;
const SEEDS = 64;

/**
 * Checks that pictures made with our own draws are distributed as the reference's: means of 26 statistics over seeds lie within
 * five standard errors of both samples.
 */
export function matchesDistribution(corruption: Corruption): void {
  describe(`${corruption.id} is distributed as the reference`, () => {
    const cases = referenceFolders
      .filter((folder) => existsSync(join(folder, "stats.json")))
      .flatMap((folder) => {
        const all = JSON.parse(readFileSync(join(folder, "stats.json"), "utf8")) as Statistics;
        return Object.entries(all.stats)
          .filter(([picture]) => pixelsOf(cleanFile(folder, picture)) <= MOST_PIXELS)
          .flatMap(([picture, { [corruption.id]: bySeverity = {} }]) =>
            Object.entries(bySeverity).map(([severity, spread]) => ({
              folder,
              picture,
              severity,
              spread,
              all,
            })),
          );
      });
    it.each(cases)("$picture severity $severity", async ({ folder, picture, severity, spread, all }) => {
      const clean = await decodeImage(cleanFile(folder, picture));
      const level = corruption.levels[Number(severity) - 1];
      const samples = Array.from({ length: SEEDS }, (_, seed) =>
        pictureStatistics({ ...clean, data: corruptPixels(clean, corruption, level, [seed, 77]) }, clean),
      );
      for (const [i, name] of all.names.entries()) {
        const values = samples.map((sample) => sample[i] as number);
        const mean = values.reduce((a, b) => a + b) / SEEDS;
        const deviation = Math.sqrt(values.reduce((a, v) => a + (v - mean) ** 2, 0) / (SEEDS - 1));
        const [theirs, spreadOfTheirs] = [spread.mean[i] as number, spread.std[i] as number];
        const error = Math.sqrt(deviation ** 2 / SEEDS + spreadOfTheirs ** 2 / all.seeds);
        // truncation against our guard and single precision: a hundredth of a grey level, a thousandth of a decade
        const digits = name.startsWith("psd") ? 2e-3 : 2e-2;
        expect(
          Math.abs(mean - theirs),
          `${name}: ${mean} ± ${deviation} against ${theirs} ± ${spreadOfTheirs}`,
        ).toBeLessThan(5 * error + digits);
      }
    });
  });
}
