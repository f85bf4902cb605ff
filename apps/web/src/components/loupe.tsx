// R of the score, and a part of it under a loupe that follows the pointer or the arrow keys: neighbouring pixels show there.
import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { BRIGHTNESS, brightness, type FieldMap, fieldColours } from "snellen/web";
import { Pixels } from "./pixels.tsx";

/** Pixels a side under the loupe. */
const SIDE = 16;

type Place = readonly [row: number, column: number];

const STEPS: Readonly<Record<string, Place>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

export function Loupe({ map }: { readonly map: FieldMap }) {
  const [height, width] = map.dims;
  const side = Math.min(SIDE, height, width);
  const corner = useSignal<Place>([0, 0]);
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
  const point = (event: PointerEvent): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    place(
      ((event.clientY - box.top) / box.height) * height - side / 2,
      ((event.clientX - box.left) / box.width) * width - side / 2,
    );
  };
  const move = (event: KeyboardEvent): void => {
    const by = STEPS[event.key];
    if (by === undefined) return;
    event.preventDefault();
    place(top + by[0], left + by[1]);
  };
  return (
    <div class="pair">
      <figure>
        <div
          class="surface"
          role="application"
          aria-label="R of the score; arrow keys move the loupe"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes arrow keys
          tabIndex={0}
          onPointerMove={point}
          onKeyDown={move}
        >
          <Pixels picture={whole} label="How much each pixel counts for the score" />
          <span
            class="cell"
            style={{
              top: `${(100 * top) / height}%`,
              left: `${(100 * left) / width}%`,
              height: `${(100 * side) / height}%`,
              width: `${(100 * side) / width}%`,
            }}
          />
        </div>
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
