// Peak memory of one forward run from the file, and of one gradient run whose weights point into the file; a process each.
// Usage: npx tsx --conditions=source bench/gradient-memory.ts <model.onnx> [forward|gradient]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { differentiate } from "@snellen/autodiff";
import { canonicalize, serializeByReference } from "@snellen/graph";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { createNodeRuntime, openModelGraph } from "snellen/node";

const [path = "", what] = process.argv.slice(2);
const pixels = new Tensor("float32", new Float32Array(3 * 224 * 224), [1, 3, 224, 224]);

async function forward(): Promise<void> {
  const session = await InferenceSession.create(path);
  await session.run({ [session.inputNames[0] as string]: pixels });
}

async function gradient(): Promise<void> {
  const { model, folder, fileName } = await openModelGraph(path);
  const canonical = canonicalize(model);
  const of = canonical.model.graph.outputs[0]?.name as string;
  const wrt = canonical.model.graph.inputs[0]?.name as string;
  const derived = differentiate(canonical.model, canonical.shapes, { of: [of], wrt: [wrt] });
  const bytes = serializeByReference(derived.model, fileName);
  const session = await createNodeRuntime().createSession(
    { bytes, weights: { folder } },
    { extra: { "session.disable_prepacking": process.argv[4] === "unpacked" ? "1" : "0" } },
  );
  const classes = derived.shapes.probes[0]?.get(of)?.dims[1] as number;
  const seed = new Tensor("float32", new Float32Array(classes).fill(1), [1, classes]);
  await session.run({ [wrt]: pixels, [derived.seeds.get(of) as string]: seed }, [
    ...derived.gradients.values(),
  ]);
}

if (what !== undefined) {
  await (what === "forward" ? forward() : gradient());
  console.log(process.resourceUsage().maxRSS / 1024);
} else {
  const peak = (kind: string): number => {
    const script = fileURLToPath(import.meta.url);
    const child = spawnSync("npx", ["tsx", "--conditions=source", script, path, kind], { encoding: "utf8" });
    return Number(child.stdout.trim().split("\n").at(-1));
  };
  const [one, two] = [peak("forward"), peak("gradient")];
  console.log(`forward ${one.toFixed(0)} MB, gradient ${two.toFixed(0)} MB: ${(two / one).toFixed(2)} x`);
}
