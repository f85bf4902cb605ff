// Writes a drawn data set: images in class folders, masks, and annotations.json.
import { dirname, join } from "node:path";
import { type DrawnAnnotation, type DrawnSet, drawnFiles } from "snellen";
import { encodeGrayPng, encodePng, ensureFolder, writeFileAtomic } from "snellen/node";
import type { Terminal } from "../terminal.ts";

interface Request {
  readonly set: DrawnSet;
  readonly out: string;
  readonly count: number;
  readonly size: number;
  readonly seed: number;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** annotations.json comes last, so that an interrupted set has none. */
export async function writeDrawnSet({
  set,
  out,
  count,
  size,
  seed,
  terminal,
  signal,
}: Request): Promise<void> {
  await ensureFolder(out);
  const folders = new Set<string>();
  const images: DrawnAnnotation[] = [];
  for (let index = 0; index < count; index++) {
    signal.throwIfAborted();
    const sample = set.draw({ seed, index, size });
    const { file, mask } = drawnFiles(sample);
    for (const folder of [dirname(file), dirname(mask)]) {
      if (!folders.has(folder)) await ensureFolder(join(out, folder));
      folders.add(folder);
    }
    await writeFileAtomic(join(out, file), await encodePng(sample.image));
    await writeFileAtomic(
      join(out, mask),
      await encodeGrayPng({ width: size, height: size, data: sample.mask }),
    );
    images.push(set.annotate(sample, file, mask));
    terminal.progress("images", (index + 1) / count);
  }
  const annotations = { labels: set.labels, images };
  await writeFileAtomic(join(out, "annotations.json"), `${JSON.stringify(annotations, null, 1)}\n`);
}
