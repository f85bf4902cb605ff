import { openModel, openImages } from "./dist/node/index.js";
import * as cs from "./dist/cam/channel-scores.js";
import { cutBehind } from "./dist/cam/tail.js";
import { repeatPicture, CHANNELS } from "./dist/cam/repeat-picture.js";
import { bytesPerPicture } from "./dist/cam/bytes-per-picture.js";
import { bindTargets } from "./dist/cam/targets/index.js";
import { makeTensor } from "@snellen/graph";
import { Tensor } from "onnxruntime-node";
const [file, wantedLayer="auto"] = process.argv.slice(2);
const model = await openModel(file);
const images = [];
for await (const i of (await openImages("/work/shared/images/imagenet")).read()) { images.push(i); break; }
const layer = model.layer(wantedLayer);
const probe = { model, layer, image: images[0], target: bindTargets(model.info, "top1")[0] };
let t0 = performance.now();
const scored = cs.scoredModel(probe); const t1 = performance.now();
const tail = cutBehind(scored, layer.value, model.info.input.name); const t2 = performance.now();
console.log("scored", (t1-t0).toFixed(1), "cut", (t2-t1).toFixed(1), "inputs", tail.model.graph.inputs.map(v => v.name), "nodes", tail.model.graph.nodes.length);
const { feeds } = await cs.readUnaltered(probe, scored, tail.model.graph.inputs.map(v => v.name));
const K = layer.channels;
const where = (b, v, c) => b.op("Where", [b.op("Equal", [b.op("Reshape", [c, b.ints([-1,1,1,1])]), b.tensor(makeTensor("int64", [1,K,1,1], [...Array(K).keys()]), "k")]), b.scalar(0), v]);
const eq = (b, c) => b.op("Equal", [b.op("Reshape", [c, b.ints([-1,1,1,1])]), b.tensor(makeTensor("int64", [1,K,1,1], [...Array(K).keys()]), "k")]);
const mul = (b, v, c) => b.op("Mul", [v, b.op("Cast", [b.op("Not", [eq(b, c)])], {to: 1})]);
for (const [name, alter] of [["where", where], ["mul", mul]]) {
  const rep = repeatPicture(tail, new Map([[layer.value, alter]]));
  console.log(name, "bytes/picture", bytesPerPicture(rep));
  await model.use(name, () => rep.model, async (s) => {
    for (const B of [1, 8, 16, 32, 64, 128, 256]) {
      const n = Math.max(1, Math.min(Number(process.argv[4] ?? 512), 2048) / B);
      const idx = new Tensor("int64", BigInt64Array.from({length: B}, (_, i) => BigInt(i % K)), [B]);
      await s.run({...feeds, [CHANNELS]: idx});
      let best = Infinity;
      for (let rep = 0; rep < 3; rep++) { const t = performance.now(); for (let i = 0; i < n; i++) await s.run({...feeds, [CHANNELS]: idx}); best = Math.min(best, (performance.now() - t) / (n * B)); }
      console.log(name, B, best.toFixed(4), "ms a channel");
    }
  });
}
await model[Symbol.asyncDispose]();
