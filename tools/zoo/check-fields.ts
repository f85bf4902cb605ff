// Compares our R with the published algorithms' in PyTorch on networks of full size (tools/reference/erf_zoo.py): a row a field.
// Usage: npx tsx --conditions=source tools/zoo/check-fields.ts --folder DIR [--only REGEX] [--batch 1]
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { accumulation, bindTargets, type FieldPlan, fieldMapOf, resolveFieldLayer, runFields } from "snellen";
import { openImages, openModel, readNpy } from "snellen/node";
import { needed } from "../needed.ts";

interface Row {
  /** Layer as PyTorch calls it; "score" for the predicted class's. */
  readonly of: string;
  readonly kind: "deadPixels" | "replknet";
  /** R in float64; its float32 twin lies beside it. */
  readonly file: string;
  /** PyTorch's float32 against its float64: largest difference over the largest value. */
  readonly f32Apart: number;
  /** Value of the ONNX file; undefined for scores. */
  readonly value?: string;
}

interface Recorded {
  readonly model: string;
  readonly onnx: string;
  readonly images: string;
  readonly rows: readonly Row[];
}

const { values: flags } = parseArgs({
  options: {
    folder: { type: "string" },
    only: { type: "string", default: "" },
    batch: { type: "string", default: "1" },
  },
});
const folder = needed(flags.folder, "folder", "what tools/reference/erf_zoo.py wrote");

/** Correlation, and ‖ours − theirs‖ / ‖theirs‖. */
function compare(ours: Float64Array, theirs: ArrayLike<number>, scale: number) {
  const n = ours.length;
  let [a, b, aa, bb, ab, dd] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [u, v] = [ours[i] as number, (theirs[i] as number) * scale];
    a += u;
    b += v;
    aa += u * u;
    bb += v * v;
    ab += u * v;
    dd += (u - v) ** 2;
  }
  const correlation = (n * ab - a * b) / Math.sqrt((n * aa - a * a) * (n * bb - b * b));
  return { correlation, error: Math.sqrt(dd / bb) };
}

const IDS = { deadPixels: "dead-pixels", replknet: "replknet" } as const;

async function check({ model: name, onnx, images, rows }: Recorded): Promise<void> {
  await using model = await openModel(join(folder, onnx));
  const { entries } = await openImages(join(folder, images));
  for (const { of, kind, file, f32Apart, value } of rows) {
    const plan: FieldPlan = {
      layers: value === undefined ? [] : [resolveFieldLayer(model.info, value)],
      target: value === undefined ? bindTargets(model.info, "top1")[0] : undefined,
      accumulation: accumulation(IDS[kind]),
    };
    const { sums } = await runFields(model, plan, entries, { batch: Number(flags.batch) });
    const theirs = await readNpy(join(folder, file.replace(".f64.", ".f32.")));
    // RepLKNet's is recorded as the paper's sum over images
    const scale = kind === "replknet" ? 1 / entries.length : 1;
    const { correlation, error } = compare(
      fieldMapOf(sums[0] as (typeof sums)[number]).values,
      theirs.values,
      scale,
    );
    console.log(
      `| ${name} | ${of} | ${kind} | ${correlation.toFixed(7)} | ${error.toExponential(1)} | ${f32Apart.toExponential(1)} |`,
    );
  }
}

console.log(
  "| network | R of | accumulation | correlation | relative L2 | PyTorch's float32 to float64, worst pixel |",
);
console.log("| --- | --- | --- | ---: | ---: | ---: |");
for (const file of readdirSync(folder).filter((f) => f.endsWith(".json") && new RegExp(flags.only).test(f)))
  await check(JSON.parse(readFileSync(join(folder, file), "utf8")) as Recorded);
