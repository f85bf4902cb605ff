// RGB pixels on a canvas, enlarged by the page: small pictures keep their pixels visible.
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Picture } from "snellen/web";

interface PixelsProps {
  readonly picture: Picture;
  readonly label: string;
}

/** Shorter sides up to this are enlarged without smoothing. */
const SMALL = 160;

export function Pixels({ picture, label }: PixelsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = picture;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    context?.putImageData(imageDataOf(picture), 0, 0);
  }, [picture]);
  return (
    <canvas
      ref={canvas}
      width={width}
      height={height}
      role="img"
      aria-label={label}
      class={Math.min(width, height) <= SMALL ? "pixelated" : ""}
    />
  );
}

function imageDataOf({ width, height, data }: Picture): ImageData {
  const pixels = new ImageData(width, height);
  const rgba = pixels.data;
  for (let i = 0, o = 0; i < data.length; i += 3, o += 4) {
    rgba[o] = data[i] as number;
    rgba[o + 1] = data[i + 1] as number;
    rgba[o + 2] = data[i + 2] as number;
    rgba[o + 3] = 255;
  }
  return pixels;
}
