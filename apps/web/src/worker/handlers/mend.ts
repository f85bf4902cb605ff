// Repairs: the same functions that `snellen fix` calls. The mended model comes back as a Blob, to be saved or opened.
import { modelChunks, UsageError } from "@snellen/graph";
import {
  createCorruptor,
  type GroupsFacts,
  type Image,
  imageDims,
  type KernelPaddingFacts,
  type MendedModel,
  MOST_COMPARED,
  mendGroups,
  mendKernels,
  mendPatches,
  noiseBench,
  type PreLayerNormFacts,
  type PreLayerNormMode,
  pictureBench,
  skipReason,
} from "snellen/web";
import type { Handler, HandlerContext, StepProgress } from "../handler.ts";
import { leftOut, measuredOn, somePictures } from "../pictures.ts";

export interface Mended<Facts> {
  readonly report: Facts;
  /** Null where there was nothing to mend. */
  readonly mended: { readonly file: File; readonly snippet: string } | null;
}

export const mendKernelPadding: Handler<
  { readonly pooling: boolean },
  Mended<KernelPaddingFacts>,
  StepProgress
> = async ({ pooling }, context) => {
  const { opened, signal, progress } = context;
  const { bytes, vision, options } = opened.model();
  const dims = {
    ...(options.size === undefined ? {} : imageDims(bytes.model, options.size, options.input)),
    ...options.dims,
  };
  const bench = async () => {
    const images = await somePictures(context, MOST_COMPARED);
    return images.length > 0
      ? pictureBench(vision, images, signal)
      : noiseBench({
          runtime: opened.runtime,
          home: bytes.home,
          dims,
          session: { device: opened.device() },
          signal,
        });
  };
  const { report, mended } = await mendKernels(bytes.model, {
    dims,
    pooling,
    bench,
    where: bytes.name,
    onProgress: (done) => progress({ step: "comparing", done }),
  });
  return { report, mended: mended === undefined ? null : written(mended, "even-kernels", context) };
};

const BATCH = 8;

/** @param n pictures to calibrate and to measure on, at most */
export const mendPatchEmbedding: Handler<
  { readonly mode: PreLayerNormMode; readonly n: number },
  Mended<PreLayerNormFacts>,
  StepProgress
> = async ({ mode, n }, context) => {
  const { opened, signal, progress, note } = context;
  await using corruptor = createCorruptor();
  const { report, mended } = await mendPatches(opened.model().vision, {
    mode,
    batch: BATCH,
    corruptor,
    signal,
    images: async () => requirePictures(await somePictures(context, n)),
    reopen: opened.reopen,
    onSkip: (skipped) => note(leftOut(skipReason(skipped))),
    onProgress: (step, done) => progress({ step, done }),
  });
  return { report, mended: mended === undefined ? null : written(mended, "prelayernorm", context) };
};

/** As `snellen groups` measures. */
const GAIN_IMAGES = 8;

export const mendGroupNumbers: Handler<
  { readonly convertBatchNorm: boolean },
  Mended<GroupsFacts>,
  StepProgress
> = async ({ convertBatchNorm }, context) => {
  const { opened, signal, progress } = context;
  const { vision } = opened.model();
  const on = await measuredOn(context, GAIN_IMAGES);
  const { report, mended } = await mendGroups(vision, on, {
    convertBatchNorm,
    signal,
    bench: () => pictureBench(vision, on.images.slice(0, MOST_COMPARED), signal),
    reopen: opened.reopen,
    onProgress: (step, done) => progress({ step, done }),
  });
  return { report, mended: mended === undefined ? null : written(mended, "groups", context) };
};

/** @throws UsageError `no-images` */
function requirePictures(images: readonly Image[]): readonly Image[] {
  if (images.length > 0) return images;
  throw new UsageError("no-images", "calibration needs pictures as the network is to see them.", {
    hint: "Drop some pictures first.",
  });
}

/** One self-contained file under the model's name. */
function written(
  { model, snippet }: MendedModel,
  what: string,
  { opened }: HandlerContext<never>,
): { file: File; snippet: string } {
  const stem = opened.model().bytes.name.replace(/\.onnx$/i, "");
  const name = `${stem}.${what}.onnx`;
  return { file: new File(modelChunks(model) as Uint8Array<ArrayBuffer>[], name), snippet: snippet(name) };
}
