// From process start to the first picture, and peak memory: our command line beside pytorch-grad-cam, in turn.
// Usage: npx tsx --conditions=source bench/cold.ts --models <folder of .onnx> --image <file> [--only resnet50,…]
//        [--rounds 5] [--python <interpreter>]      (run `npm run build` first: the built command line is timed)
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { needed } from "../tools/needed.ts";

const { values: flags } = parseArgs({
  options: {
    models: { type: "string" },
    image: { type: "string" },
    only: { type: "string", default: "resnet50,vit_base_patch16_224" },
    rounds: { type: "string", default: "5" },
    python: { type: "string" },
  },
});
const models = needed(flags.models, "models", "a folder of networks by tools/reference/bench_models.py");
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

interface Measured {
  readonly seconds: number;
  readonly megabytes: number;
}

/** Wall time and peak resident memory as the operating system counts them. */
function measure(command: readonly string[]): Measured {
  const { stderr, status } = spawnSync("/usr/bin/time", ["-f", "%e %M", ...command], {
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (status !== 0) throw new Error(`${command.join(" ")} failed:\n${stderr}`);
  const [seconds, kilobytes] = (stderr.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
  return { seconds: seconds as number, megabytes: (kilobytes as number) / 1024 };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

const folder = mkdtempSync(join(tmpdir(), "snellen-cold-"));
for (const model of flags.only.split(",")) {
  const file = join(models, `${model}.onnx`);
  const image = flags.image ?? here("../models/optotypes/images/C/000008.png");
  const contenders: Record<string, string[]> = {
    "ORT forward": [process.execPath, here("workers/cold_forward.mjs"), file],
    snellen: [
      process.execPath,
      here("../packages/cli/bin/snellen.js"),
      "cam",
      file,
      "--images",
      image,
      "--out",
      folder,
      "--quiet",
    ],
    ...(flags.python === undefined
      ? {}
      : {
          "pytorch-grad-cam": [
            flags.python,
            "-W",
            "ignore",
            here("workers/cold.py"),
            model,
            image,
            join(folder, "torch.png"),
          ],
        }),
  };
  const results: Record<string, Measured[]> = Object.fromEntries(Object.keys(contenders).map((k) => [k, []]));
  for (let round = -1; round < Number(flags.rounds); round++) {
    for (const [name, command] of Object.entries(contenders)) {
      const measured = measure(command);
      if (round >= 0) results[name]?.push(measured);
    }
  }
  for (const [name, runs] of Object.entries(results)) {
    console.log(
      `${model.padEnd(22)} ${name.padEnd(17)} ${median(runs.map((r) => r.seconds)).toFixed(2)} s  ${median(runs.map((r) => r.megabytes)).toFixed(0)} MB`,
    );
  }
}
rmSync(folder, { recursive: true });
