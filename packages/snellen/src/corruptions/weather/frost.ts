// Frost on the window pane in front of the camera: a picture of crystals blended over what lies behind.
// Recipe: ImageNet-C (Hendrycks & Dietterich 2019), as the `imagecorruptions` package scales textures; the crystals are our own.
import { UsageError } from "@snellen/graph";
import type { RandomStream } from "../../random.ts";
import { type Corruption, defineCorruption, type Pixels } from "../corruption.ts";
import { bicubicCrop } from "../parts/bicubic-crop.ts";
import { toByte } from "../parts/bytes.ts";
import { FROST_TEXTURES, frostTexture } from "./frost/texture.ts";

/** What the picture and the frost are multiplied by before they are added. */
export interface FrostLevel {
  readonly picture: number;
  readonly frost: number;
}

/** A texture is scaled to cover the picture, if it does not, and then by this, so that there is a choice of crops. */
const ENLARGED = 1.1;

/** Frost of crystals that are drawn here; the draw is the part of a texture that covers the picture. */
export const frost: Corruption<FrostLevel, Pixels> = frostOf(FROST_TEXTURES, frostTexture);

/**
 * The same corruption with given pictures of frost, each of them equally likely.
 * @throws UsageError `no-frost-textures` where there are none
 */
export function frostFrom(textures: readonly Pixels[]): Corruption<FrostLevel, Pixels> {
  if (textures.length === 0)
    throw new UsageError("no-frost-textures", "there is no picture of frost.", {
      hint: "Give at least one, or none at all for crystals that are drawn.",
    });
  return frostOf(textures.length, (index) => textures[index]!);
}

function frostOf(count: number, texture: (index: number) => Pixels): Corruption<FrostLevel, Pixels> {
  return defineCorruption({
    id: "frost",
    family: "weather",
    imagenetC: "common",
    summary: "blends crystals of ice over the picture",
    unit: "what the picture and the frost are multiplied by",
    levels: [
      { picture: 1, frost: 0.4 },
      { picture: 0.8, frost: 0.6 },
      { picture: 0.7, frost: 0.7 },
      { picture: 0.65, frost: 0.7 },
      { picture: 0.6, frost: 0.75 },
    ],
    draw: (random, pixels) => cropOf(texture(random.integer(0, count - 1)), random, pixels),
    apply({ data }, level, { data: crystals }) {
      const out = new Uint8Array(data.length);
      for (let i = 0; i < out.length; i++)
        out[i] = toByte(level.picture * data[i]! + level.frost * crystals[i]!);
      return out;
    },
  });
}

/** A part of a texture, as large as the picture. */
function cropOf(texture: Pixels, random: RandomStream, { width, height }: Pixels): Pixels {
  const scale = ENLARGED * Math.max(1, width / texture.width, height / texture.height);
  const scaledWidth = Math.ceil(texture.width * scale);
  const scaledHeight = Math.ceil(texture.height * scale);
  const top = random.integer(0, scaledHeight - height - 1);
  const left = random.integer(0, scaledWidth - width - 1);
  return bicubicCrop(texture, { scaledWidth, scaledHeight, left, top, width, height });
}
