// The page of the browser test: opens the embedded model on onnxruntime-web and leaves a heat map, and corrupted pictures, where the
// test finds them.
import { corrupt, corruptions, createWebRuntime, type Image, openModel } from "../index.ts";

async function run(): Promise<unknown> {
  const fetchBytes = async (url: string) => new Uint8Array(await (await fetch(url)).arrayBuffer());
  const pixels = await fetchBytes("/image.rgb");
  const side = Math.sqrt(pixels.length / 3);
  const image: Image = { width: side, height: side, data: pixels, source: "image" };
  const runtime = createWebRuntime({ wasmPaths: "/ort/", threads: 1 });
  await using model = await openModel(await fetchBytes("/model.onnx"), { runtime });
  const [map] = await model.cam([image], { method: "grad-cam" });
  return (
    map && {
      classIndex: map.classIndex,
      score: map.score,
      dims: map.map.dims,
      map: [...map.map.values],
      corrupted: corruptions.map((own) => [...corrupt(image, own, { severity: 3, seed: 5 }).data]),
    }
  );
}

const done = run().then(
  (map) => ({ map }),
  (error: Error) => ({ error: `${error.message}\n${error.stack}` }),
);
Object.assign(globalThis, { done });
