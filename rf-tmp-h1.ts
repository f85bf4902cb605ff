import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { parseModel, serializeModel } from "@snellen/graph";
import { describeModel } from "/work/main/packages/snellen/src/vision-model/describe.ts";
import { unevenSampling } from "/work/main/packages/snellen/src/receptive-field/uneven-sampling.ts";
import { fieldsOf } from "/work/main/packages/snellen/src/receptive-field/receptive-field.ts";
import { fieldSize } from "/work/main/packages/snellen/src/receptive-field/theoretical.ts";
let seed = 1; const rnd = () => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return seed / 0x7fffffff * 2 - 1; };
for (const f of process.argv.slice(2)) {
  try {
    const info = describeModel(parseModel(readFileSync(f)));
    const { fields } = fieldsOf(info);
    const [H, W] = info.input.size; const C = info.input.channels; const nchw = info.input.layout === "NCHW";
    const all = info.layers.layers.filter((l) => l.layout.kind === "map" && l.layout.spatialAxes[0] === 2 && l.layout.channelAxis === 1 && fields.get(l.value));
    const usable = all.flatMap((l) => { const fl = fields.get(l.value)!; const cell = l.layout.grid.map((g) => Math.floor(g / 2)); const box = [0, 1].map((a) => [Math.ceil(fl[a]!.start + cell[a]! * fl[a]!.stride - 1e-9), Math.floor(fl[a]!.end + cell[a]! * fl[a]!.stride + 1e-9)]); const inside = box.every(([s], a) => s! > 0) && box.every(([, e], a) => e! < [H, W][a]! - 1); return inside ? [{ l, cell, box }] : []; });
    const step = Math.max(1, usable.length / 6); const picks = Array.from({ length: Math.min(6, usable.length) }, (_, i) => usable[Math.min(usable.length - 1, Math.floor(usable.length - 1 - i * step + 1e-9) < 0 ? 0 : Math.floor(usable.length - 1 - i * step))]!);
    let worst = 0, worstName = "", tight = 0, edges = 0;
    if (picks.length) {
      const names = [...new Set(picks.map((p) => p.l.value))];
      const bytes = serializeModel({ ...info.model, graph: { ...info.model.graph, outputs: names.map((name) => ({ name, dataType: "float32" as const, dims: undefined })) } });
      const session = await InferenceSession.create(bytes, { graphOptimizationLevel: "basic", intraOpNumThreads: 1 });
      const n = H * W * C; const at = (c: number, y: number, x: number) => nchw ? (c * H + y) * W + x : (y * W + x) * C + c;
      const base = Float32Array.from({ length: n }, rnd);
      const run = async (img: Float32Array) => session.run({ [info.input.name]: new Tensor(info.input.dataType as "float32", img, nchw ? [1, C, H, W] : [1, H, W, C]) });
      const ref = await run(base);
      for (const { l, cell, box } of picks) {
        const [[r0, r1], [c0, c1]] = box as [[number, number], [number, number]];
        const col = (res: any) => { const t = res[l.value] as Tensor; const [, ch, gh, gw] = t.dims as number[]; return Array.from({ length: ch! }, (_, k) => (t.data as Float32Array)[(k * gh! + cell[0]!) * gw! + cell[1]!]!); };
        const v0 = col(ref); const scale = Math.max(...v0.map(Math.abs), 1e-20);
        const test = async (inside: (y: number, x: number) => boolean) => { const img = base.slice(); for (let c = 0; c < C; c++) for (let y = 0; y < H; y++) for (let x = 0; x < W; x++) if (!inside(y, x)) img[at(c, y, x)] = rnd() * 3; const v = col(await run(img)); return Math.max(...v.map((q, k) => Math.abs(q - v0[k]!))) / scale; };
        const d = await test((y, x) => y >= r0 && y <= r1 && x >= c0 && x <= c1);
        if (d > worst) { worst = d; worstName = `${l.opType} ${l.value} ${fields.get(l.value)!.map(fieldSize)}`; }
        for (const hit of [(y: number, x: number) => y !== r0, (y: number, x: number) => y !== r1, (y: number, x: number) => x !== c0, (y: number, x: number) => x !== c1]) { edges++; if (await test(hit) > 0) tight++; }
      }
      await session.release();
    }
    const firstInf = all.find((l) => !Number.isFinite(fields.get(l.value)![0].start));
    const un = unevenSampling(info).map((r) => `${r.kind}:${r.opType}${r.kernel.join("x")}/${r.stride.join("x")}${r.fixable === "no" ? "!" : ""}`);
    console.log(f.split("/").at(-1), "layers", picks.length, "/", usable.length, "/", all.length, "leak", worst.toExponential(1), worst > 1e-4 ? `!!! ${worstName}` : "", "edges", `${tight}/${edges}`, "inf:", firstInf ? firstInf.opType + " " + firstInf.value.slice(0, 60) : "-", [...new Set(un)].join(" "));
  } catch (e) { console.log(f, String((e as Error).stack).slice(0, 300)); }
}
