// One picture as the network sees it, what the network says of it, and heat maps of it; the picture corrupted first where asked for.
import {
  type CamMap,
  corrupt,
  corruption,
  fitImage,
  fitted,
  type Image,
  type Severity,
  type TopClass,
  topClasses,
} from "snellen/web";
import type { Handler, StepProgress } from "../handler.ts";

export interface HeatMapArgs {
  /** Index among the images. */
  readonly image: number;
  readonly corruption?: { readonly id: string; readonly severity: Severity; readonly seed: number };
  readonly maps: readonly MapWish[];
}

export interface MapWish {
  readonly method: string;
  readonly upsampling: string;
  readonly layer: string;
  readonly target: string;
}

export interface Looked {
  /** RGB of the network's input size, as it is resized and cropped. */
  readonly view: { readonly width: number; readonly height: number; readonly data: Uint8Array };
  readonly top: readonly TopClass[];
  readonly maps: readonly CamMap[];
}

/** Of at most so many classes the shares are told. */
const MOST_CLASSES = 5;

export const heatMaps: Handler<HeatMapArgs, Looked, StepProgress> = async (
  args,
  { opened, signal, progress },
) => {
  const { vision } = opened.model();
  const network = fitted(vision);
  const { spec } = vision.info.preprocessing;
  const view = fitImage(await opened.image(args.image), spec);
  const shown = args.corruption === undefined ? view : corrupted(view, args.corruption);
  const maps: CamMap[] = [];
  for (const [i, { method, upsampling, layer, target }] of args.maps.entries()) {
    const onProgress = (share: number) => progress({ step: method, done: (i + share) / args.maps.length });
    const [map] = await network.cam([shown], { method, upsampling, layer, target, signal, onProgress });
    maps.push(map as CamMap);
  }
  // a map comes with all scores
  const logits = maps[0]?.logits ?? (await network.predict([shown], { signal }))[0]?.logits;
  const { width, height, data } = shown;
  return {
    view: { width, height, data },
    top: topClasses(vision.info, logits ?? new Float32Array(), MOST_CLASSES),
    maps,
  };
};

const corrupted = (image: Image, { id, ...options }: NonNullable<HeatMapArgs["corruption"]>): Image =>
  corrupt(image, corruption(id), options);
