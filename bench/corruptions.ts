// ImageNet-C's corruptions, ours beside imagecorruptions 1.1.2 and its numba fork, one thread each, alternating in one run: from
// bytes of a picture to bytes, milliseconds a picture.
// Usage: npx tsx --conditions=source bench/corruptions.ts --python <interpreter> [--fork <folder>] [--image <file>]
//        [--sizes 224x224,640x427] [--only gaussian_noise,…] [--rounds 7] [--warm-ups 3] [--cpu] [--json out.json]
// The interpreter has tools/reference/requirements-corruptions.txt; --fork names the folder that imagecorruptions-imaug was
// installed into. Without --image, a picture of smooth colours under noise is made. A call of more than --slow 1500 ms is not
// repeated.
// --cpu counts the processors' time of each process and not the clock's: for machines on which others work.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { corruptPixels } from "../packages/snellen/src/corruptions/corrupt.ts";
import { type Pixels, type Severity, severities } from "../packages/snellen/src/corruptions/corruption.ts";
import { selectCorruptions } from "../packages/snellen/src/corruptions/index.ts";
import { resample } from "../packages/snellen/src/images/resample.ts";
import { decodeImage } from "../packages/snellen/src/node/images-decode.ts";
import { randomStream } from "../packages/snellen/src/random.ts";
import { needed } from "../tools/needed.ts";
import { type PythonWorker, startPythonWorker } from "./python-worker.ts";

const { values: flags } = parseArgs({
  options: {
    python: { type: "string" },
    fork: { type: "string" },
    image: { type: "string" },
    sizes: { type: "string", default: "224x224,640x427" },
    only: { type: "string", default: "all" },
    rounds: { type: "string", default: "7" },
    "warm-ups": { type: "string", default: "3" },
    slow: { type: "string", default: "1500" },
    cpu: { type: "boolean", default: false },
    json: { type: "string" },
  },
});
const rounds = Number(flags.rounds);
const warmUps = Number(flags["warm-ups"]);
/** In milliseconds. */
const slow = Number(flags.slow);
const chosen = selectCorruptions(flags.only.split(","));

const LIBRARIES = flags.fork === undefined ? ["imagecorruptions"] : ["imagecorruptions", "fork"];
const CONTENDERS: readonly string[] = ["ours", ...LIBRARIES];

/** Medians of one corruption at one severity, in milliseconds; a contender that has none is missing. */
interface Row {
  readonly size: string;
  readonly corruption: string;
  readonly severity: Severity;
  readonly ms: Readonly<Record<string, number>>;
}

/** Times one call with the draws of a seed, in milliseconds; undefined where there is nothing to time. */
type Run = (seed: number) => Promise<number | undefined>;

/** In milliseconds. */
const now = (): number => {
  if (!flags.cpu) return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (i: number) => sorted[i] as number;
  return (at(Math.floor((sorted.length - 1) / 2)) + at(Math.ceil((sorted.length - 1) / 2))) / 2;
};

/** Smooth colours, as large as a photograph's shapes, and the noise of a sensor. */
function madePicture(width: number, height: number): Pixels {
  const random = randomStream(1);
  const coarse = Uint8Array.from(random.uniforms(12 * 8 * 3), (u) => 256 * u);
  const smooth = resized({ width: 12, height: 8, data: coarse }, width, height).data;
  const noise = random.normals(smooth.length);
  return {
    width,
    height,
    data: Uint8Array.from(Uint8ClampedArray.from(smooth, (v, i) => v + 6 * (noise[i] as number))),
  };
}

function resized({ width, height, data }: Pixels, toWidth: number, toHeight: number): Pixels {
  const scale = Math.max(toWidth / width, toHeight / height);
  const [scaledWidth, scaledHeight] = [Math.round(width * scale), Math.round(height * scale)];
  const window = {
    scaledWidth,
    scaledHeight,
    left: Math.floor((scaledWidth - toWidth) / 2),
    top: Math.floor((scaledHeight - toHeight) / 2),
    width: toWidth,
    height: toHeight,
  };
  return { width: toWidth, height: toHeight, data: resample(data, width, height, window, "bicubic") };
}

/** A B C A B C …, after rounds that do not count; who is slow, or has nothing to show, is not asked again. */
async function alternate(runs: ReadonlyMap<string, Run>): Promise<Record<string, number>> {
  const times = new Map([...runs.keys()].map((name) => [name, [] as number[]]));
  const asked = new Map(runs);
  for (let round = -warmUps; round < rounds; round++) {
    for (const [name, run] of asked) {
      const ms = await run(round + warmUps);
      if (ms === undefined) times.delete(name);
      else if (round >= 0 || ms > slow) times.get(name)?.push(ms);
      if (ms === undefined || ms > slow) asked.delete(name);
    }
  }
  return Object.fromEntries([...times].map(([name, measured]) => [name, median(measured)]));
}

async function measure(worker: PythonWorker, size: string): Promise<Row[]> {
  const [width = 0, height = 0] = size.split("x").map(Number);
  const picture =
    flags.image === undefined
      ? madePicture(width, height)
      : resized(await decodeImage(flags.image, flags.image), width, height);
  await worker.ask({ do: "picture", width, height, rgb: Buffer.from(picture.data).toString("base64") });
  const rows: Row[] = [];
  for (const corruption of chosen) {
    for (const severity of severities) {
      const ours: Run = async (seed) => {
        const start = now();
        corruptPixels(picture, corruption, corruption.levels[severity - 1], [seed, severity]);
        return now() - start;
      };
      const theirs =
        (library: string): Run =>
        async (seed) =>
          (
            await worker.ask({
              do: "run",
              library,
              corruption: corruption.id,
              severity,
              seed,
              cpu: flags.cpu,
            })
          ).ms;
      const runs = LIBRARIES.map((library) => [library, theirs(library)] as const);
      rows.push({
        size,
        corruption: corruption.id,
        severity,
        ms: await alternate(new Map([["ours", ours], ...runs])),
      });
    }
  }
  return rows;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Of rows that every contender has: milliseconds of each, and theirs over ours. */
function cells(rows: readonly Row[], per: number): string[] {
  const total = (name: string) => sum(rows.map(({ ms }) => ms[name] ?? Number.NaN)) / per;
  return CONTENDERS.flatMap((name) => [
    total(name) < 100 ? total(name).toPrecision(3) : total(name).toFixed(0),
    ...(name === "ours" ? [] : [(total(name) / total("ours")).toFixed(1)]),
  ]).map((cell) => (cell === "NaN" ? "-" : cell));
}

/** The severity at which we stand worst against any library. */
const least = (rows: readonly Row[]): string => {
  const ratios = rows.flatMap(({ ms, severity }) =>
    LIBRARIES.filter((library) => library in ms).map((library) => ({
      text: `${library}, severity ${severity}`,
      ratio: (ms[library] as number) / (ms.ours as number),
    })),
  );
  if (ratios.length === 0) return "-";
  const { ratio, text } = ratios.reduce((worst, other) => (other.ratio < worst.ratio ? other : worst));
  return `${ratio.toFixed(2)} (${text})`;
};

/** Means over the severities by corruption, then the sums over all. */
function table(rows: readonly Row[]): string {
  const heads = CONTENDERS.flatMap((name) => (name === "ours" ? [name] : [name, `${name} / ours`]));
  const of = (id: string) => rows.filter(({ corruption }) => corruption === id);
  const compared = rows.filter(({ ms }) => CONTENDERS.every((name) => name in ms));
  const withoutGlass = compared.filter(({ corruption }) => corruption !== "glass_blur");
  const lines = [
    ["ms a picture, mean of severities", ...heads, "least ratio"],
    ["---", ...heads.map(() => "---:"), "---"],
    ...chosen.map(({ id }) => [id, ...cells(of(id), severities.length), least(of(id))]),
    [`sum of ${compared.length} cases`, ...cells(compared, 1), least(compared)],
    [`sum of ${withoutGlass.length} without glass_blur`, ...cells(withoutGlass, 1), least(withoutGlass)],
  ];
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}

async function main(python: string): Promise<void> {
  const worker = startPythonWorker("corruptions.py", python, 1);
  try {
    for (const library of LIBRARIES) await worker.ask({ do: "load", library, folder: flags.fork });
    const rows: Row[] = [];
    for (const size of flags.sizes.split(",")) {
      const measured = await measure(worker, size);
      rows.push(...measured);
      console.log(`\n${size.replace("x", " × ")}, ${flags.image ?? "a made picture"}\n\n${table(measured)}`);
    }
    if (flags.json !== undefined)
      writeFileSync(
        flags.json,
        `${JSON.stringify({ date: new Date().toISOString(), rounds, cpu: flags.cpu, image: flags.image, rows }, null, 1)}\n`,
      );
  } finally {
    worker.close();
  }
}

await main(
  needed(flags.python, "python", "an interpreter with tools/reference/requirements-corruptions.txt"),
);
