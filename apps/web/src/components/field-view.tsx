// R, alone or over the picture, with the fitted Gaussian and the theoretical field drawn over it.
import { useMemo } from "preact/hooks";
import {
  brightness,
  type FieldMap,
  type FieldPictureOptions,
  fieldColours,
  overlay,
  type Picture,
} from "snellen/web";
import { Pixels } from "./pixels.tsx";

interface FieldViewProps {
  readonly map: FieldMap;
  readonly label: string;
  readonly marks?: Pick<FieldPictureOptions, "ellipses" | "frames">;
  /** The picture to lay it over. */
  readonly over?: Picture | undefined;
  readonly caption: string;
}

export function FieldView({ map, label, marks = {}, over, caption }: FieldViewProps) {
  const { dims } = map;
  const picture = useMemo(() => {
    const values = brightness(map.values);
    return over === undefined
      ? fieldColours(values, dims)
      : overlay(over, { values: Float32Array.from(values), dims }, { high: 1 });
  }, [map, over]);
  const [height, width] = dims;
  return (
    <figure>
      <div class="surface">
        <Pixels picture={picture} label={label} />
        <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true" class="marks">
          {marks.ellipses?.map(({ centre, radii }) => (
            <ellipse key={radii[0]} cx={centre[1] + 0.5} cy={centre[0] + 0.5} rx={radii[1]} ry={radii[0]} />
          ))}
          {marks.frames?.map(({ rows, columns }) => {
            const [left, right] = [Math.max(-1, columns[0]), Math.min(width, columns[1])];
            const [top, bottom] = [Math.max(-1, rows[0]), Math.min(height, rows[1])];
            return (
              <rect
                key={left}
                x={left}
                y={top}
                width={right - left + 1}
                height={bottom - top + 1}
                stroke-dasharray="4 3"
              />
            );
          })}
        </svg>
      </div>
      <figcaption>{caption}</figcaption>
    </figure>
  );
}
