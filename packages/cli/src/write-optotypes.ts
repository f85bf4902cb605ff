// Writes the optotypes dataset: images in class folders, masks, and annotations.json.
import { dirname, join } from "node:path";
import {
  annotateOptotype,
  makeOptotype,
  type OptotypeAnnotation,
  optotypeAnnotations,
  optotypeFiles,
} from "snellen";
import { encodeGrayPng, encodePng, ensureFolder, writeFileAtomic } from "snellen/node";
import type { Terminal } from "./terminal.ts";

interface Request {
  readonly out: string;
  readonly count: number;
  readonly size: number;
  readonly seed: number;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Returns the number of images written; annotations.json comes last, so that an interrupted set has none. */
export async function writeOptotypes({ out, count, size, seed, terminal, signal }: Request): Promise<number> {
  await ensureFolder(out);
  const folders = new Set<string>();
  const annotations: OptotypeAnnotation[] = [];
  for (let index = 0; index < count; index++) {
    signal.throwIfAborted();
    const sample = makeOptotype({ seed, index, size });
    const { file, mask } = optotypeFiles(sample);
    for (const folder of [dirname(file), dirname(mask)]) {
      if (!folders.has(folder)) await ensureFolder(join(out, folder));
      folders.add(folder);
    }
    await writeFileAtomic(join(out, file), await encodePng(sample.image));
    await writeFileAtomic(
      join(out, mask),
      await encodeGrayPng({ width: size, height: size, data: sample.mask }),
    );
    annotations.push(annotateOptotype(sample, file, mask));
    terminal.progress("images", (index + 1) / count);
  }
  await writeFileAtomic(
    join(out, "annotations.json"),
    `${JSON.stringify(optotypeAnnotations(annotations), null, 1)}\n`,
  );
  return count;
}
