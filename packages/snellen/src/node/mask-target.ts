// Targets whose text names a mask file: the file is read here, the rest is left to the library.
import type { Target } from "../cam/targets/index.ts";
import { maskFileOf, maskTarget } from "../cam/targets/mask.ts";
import type { BoundTarget } from "../cam/targets/target.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import { readMask } from "./masks.ts";

/**
 * Texts as after --target, with `mask:<class>@<file>` made into targets and everything else as it is.
 * @throws ImageError for files that cannot be read, and what `maskTarget` throws
 */
export const readTargets = (info: DescribedModel, texts: readonly string[]): Promise<Target[]> =>
  Promise.all(texts.map((text) => readMaskTarget(info, text) ?? text));

/** Undefined for texts that name no mask file. */
export function readMaskTarget(info: DescribedModel, text: string): Promise<BoundTarget> | undefined {
  const found = maskFileOf(info, text);
  return (
    found &&
    readMask(found.file).then(({ data, ...size }) =>
      maskTarget(info, found.reference, { ...size, mask: data, file: found.file }),
    )
  );
}
