// Writes the small labelled image set that lies in the repository: models/optotypes/{images,masks}/<letter>/*.png.
// npx tsx --conditions=source tools/train/make-embedded.ts

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import {
  annotateOptotype,
  type OptotypeAnnotation,
  optotypeAnnotations,
  optotypeFiles,
} from "../../packages/snellen/src/datasets/optotypes/annotations.ts";
import { optotypes } from "../../packages/snellen/src/datasets/optotypes/optotype.ts";

const count = 60;
const seed = 4; // 1 trains, 2 validates, 3 measures
const size = 64;
const folder = fileURLToPath(new URL("../../models/optotypes/", import.meta.url));

async function writePng(path: string, data: Uint8Array, channels: 1 | 3): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const picture = sharp(data, { raw: { width: size, height: size, channels } });
  await (channels === 1 ? picture.toColorspace("b-w") : picture).png({ compressionLevel: 9 }).toFile(path);
}

rmSync(folder, { recursive: true, force: true });
const entries: OptotypeAnnotation[] = [];
for (const sample of optotypes({ seed, count, size })) {
  const { file, mask } = optotypeFiles(sample);
  await writePng(join(folder, file), sample.image.data, 3);
  await writePng(join(folder, mask), sample.mask, 1);
  entries.push(annotateOptotype(sample, file, mask));
}
const lines = entries.map((entry) => `    ${JSON.stringify(entry)}`).join(",\n");
const { labels } = optotypeAnnotations(entries);
writeFileSync(
  join(folder, "annotations.json"),
  `{\n  "labels": ${JSON.stringify(labels)},\n  "images": [\n${lines}\n  ]\n}\n`,
);
