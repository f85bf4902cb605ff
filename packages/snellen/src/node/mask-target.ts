// Targets whose text names a mask file: the file is read here, the rest is left to the library.

import type { Target } from "../cam/targets/index.ts";
import { type Mask, maskFileOf, maskTarget } from "../cam/targets/mask.ts";
import type { BoundTarget } from "../cam/targets/target.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import { decodeImage } from "./images-decode.ts";

/**
 * Texts as after --target, with `mask:<class>@<file>` made into targets and everything else as it is.
 * @throws ImageError for files that cannot be read, and what `maskTarget` throws
 */
export const readTargets = (info: DescribedModel, texts: readonly string[]): Promise<Target[]> =>
  Promise.all(texts.map((text) => readMaskTarget(info, text) ?? text));

/** Undefined for texts that name no mask file. */
export function readMaskTarget(info: DescribedModel, text: string): Promise<BoundTarget> | undefined {
  const found = maskFileOf(info, text);
  return found && readMask(found.file).then((mask) => maskTarget(info, found.reference, mask));
}

/** Pixels are inside where any of their colours is not 0. @throws what `decodeImage` throws */
async function readMask(file: string): Promise<Mask> {
  const { width, height, data } = await decodeImage(file, file);
  const mask = Uint8Array.from({ length: width * height }, (_, i) =>
    data[3 * i] || data[3 * i + 1] || data[3 * i + 2] ? 1 : 0,
  );
  return { mask, width, height, file };
}
