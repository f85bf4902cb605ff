// R of the score, and a part of it under a loupe that follows the pointer or the arrow keys: neighbouring pixels show there.
import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { BRIGHTNESS, brightness, type FieldMap, fieldColours } from "snellen/web";
import { Pixels } from "./pixels.tsx";
import { type Pair, Surface } from "./surface.tsx";

/** Pixels a side under the loupe. */
const SIDE = 16;

export function Loupe({ map }: { readonly map: FieldMap }) {
  const [height, width] = map.dims;
  const side = Math.min(SIDE, height, width);
  const corner = useSignal<Pair>([0, 0]);
  const [top, left] = corner.value;
  const whole = useMemo(() => fieldColours(brightness(map.values), map.dims), [map]);
  const near = useMemo(() => {
    const part = Float64Array.from({ length: side * side }, (_, i) =>
      valueAt(top + Math.floor(i / side), left + (i % side)),
    );
    return fieldColours(brightness(part), [side, side]);
    function valueAt(row: number, column: number): number {
      return map.values[row * width + column] as number;
    }
  }, [map, top, left, side]);
  const place = (row: number, column: number): void => {
    const within = (at: number, size: number): number => Math.min(size - side, Math.max(0, Math.round(at)));
    corner.value = [within(row, height), within(column, width)];
  };
  return (
    <div class="pair">
      <figure>
        <Surface
          label="R of the score; arrow keys move the loupe"
          onPoint={([down, across]) => place(down * height - side / 2, across * width - side / 2)}
          onStep={([down, across]) => place(top + down, left + across)}
          frame={{ corner: [top / height, left / width], size: [side / height, side / width] }}
        >
          <Pixels picture={whole} label="How much each pixel counts for the score" />
        </Surface>
        <figcaption>R of the score, {BRIGHTNESS}. Point at it, or use the arrow keys.</figcaption>
      </figure>
      <figure>
        <Pixels picture={near} label={`The ${side} by ${side} pixels under the loupe`} />
        <figcaption>
          Rows {top + 1} to {top + side}, columns {left + 1} to {left + side}, in colours of their own: a
          checkerboard means that some pixels are seen less than their neighbours.
        </figcaption>
      </figure>
    </div>
  );
}
