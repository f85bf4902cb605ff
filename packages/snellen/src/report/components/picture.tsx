// A picture of evidence with its caption. Small ones show their pixels when they are enlarged.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from "preact";
import type { ResultEvidence } from "../../exam/result.ts";

/** Evidence that is a picture. */
export type PictureData = Extract<ResultEvidence, { readonly kind: "picture" }>;

/** Pixels of width up to which a picture is enlarged without smoothing. */
const SMALL = 400;

/** A picture of evidence with its caption. */
export const Picture = ({
  picture: { caption, width, height, png },
}: {
  readonly picture: PictureData;
}): JSX.Element => (
  <figure>
    <img
      class={width < SMALL ? "small" : undefined}
      src={`data:image/png;base64,${png.replace(/[^A-Za-z0-9+/=]/g, "")}`}
      width={width}
      height={height}
      alt={caption}
    />
    <figcaption>{caption}</figcaption>
  </figure>
);
