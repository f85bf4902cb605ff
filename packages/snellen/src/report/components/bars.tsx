// Bars from zero, each with its number, and its interval where it has one: a table whose middle column is drawn, so that names of any
// length and the numbers stay text.
/** @jsxRuntime automatic @jsxImportSource preact */
import { type ScaleLinear, scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import type { Bars as BarsData } from "../../exam/result.ts";
import { shortNumber } from "../number.ts";
import { Caption, lengthOf, Scrolling } from "./data-table.tsx";

type Bar = BarsData["bars"][number];
type Scale = ScaleLinear<number, number>;

const HEIGHT = 22;

/** Bars of evidence as a table: names, bars with intervals, numbers. */
export function Bars({ bars: { caption, axis, bars } }: { readonly bars: BarsData }): JSX.Element {
  const scale = scaleOf(bars);
  return (
    <Scrolling label={caption}>
      <table class="bars">
        <Caption>{caption}</Caption>
        <thead>
          <tr>
            <td />
            <th scope="col">{axis}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {bars.map((bar, i) => (
            <tr key={i}>
              <th scope="row" class={lengthOf(bar.label)}>
                {bar.label}
              </th>
              <td class="drawn">
                <BarDrawing bar={bar} scale={scale} />
              </td>
              <td class="number">{barText(bar)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot aria-hidden="true">
          <tr>
            <td />
            <td class="drawn">
              <AxisNumbers scale={scale} />
            </td>
            <td />
          </tr>
        </tfoot>
      </table>
    </Scrolling>
  );
}

/** Of values that are so many times the next one, bars are cut, so that the others show. */
const FAR = 20;
const [START, END] = [1, 97];

/** To percent of the width; what lies beyond the axis is placed at its end. */
function scaleOf(bars: readonly Bar[]): Scale {
  const ends = bars.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  const finite = ends.filter(Number.isFinite);
  const sorted = [...new Set([0, ...finite.filter((value) => value > 0)])].sort((a, b) => a - b);
  while (sorted.length > 2 && (sorted.at(-1) as number) > FAR * (sorted.at(-2) as number)) sorted.pop();
  const [lowest, highest] = [Math.min(0, ...finite), sorted.at(-1) as number];
  return scaleLinear([lowest, highest === lowest ? 1 : highest], [START, END])
    .nice(3)
    .clamp(true);
}

interface BarDrawingProps {
  readonly bar: Bar;
  readonly scale: Scale;
}

/** As SVG's attributes take it; without a finite value, the end of the axis. */
const placeOn =
  (scale: Scale) =>
  (value: number): string =>
    `${scale(Number.isNaN(value) ? Number.POSITIVE_INFINITY : value).toFixed(2)}%`;

const ticksOf = (scale: Scale): number[] => scale.ticks(3);

function BarDrawing({ bar: { value, low, high }, scale }: BarDrawingProps): JSX.Element {
  const place = placeOn(scale);
  const [from, to] = [place(Math.min(0, value)), place(Math.max(0, value))];
  const width = `${Math.max(0.4, Number.parseFloat(to) - Number.parseFloat(from)).toFixed(2)}%`;
  return (
    <svg width="100%" height={HEIGHT} aria-hidden="true">
      {ticksOf(scale).map((tick) => (
        <line
          key={tick}
          class={tick === 0 ? "zero" : undefined}
          x1={place(tick)}
          x2={place(tick)}
          y2={HEIGHT}
        />
      ))}
      <rect class="bar" x={from} y={4} width={width} height={HEIGHT - 8} />
      {value > (scale.domain()[1] as number) && <line class="cut" x1="92%" x2="94%" y1={HEIGHT} y2={0} />}
      {low !== undefined && high !== undefined && (
        <line class="interval" x1={place(low)} x2={place(high)} y1={HEIGHT / 2} y2={HEIGHT / 2} />
      )}
    </svg>
  );
}

const AxisNumbers = ({ scale }: Omit<BarDrawingProps, "bar">): JSX.Element => (
  <svg width="100%" height={18} aria-hidden="true">
    {ticksOf(scale).map((tick) => (
      <text key={tick} x={placeOn(scale)(tick)} y={13} text-anchor="middle">
        {shortNumber(tick)}
      </text>
    ))}
  </svg>
);

const barText = ({ value, low, high }: Bar): string =>
  low === undefined || high === undefined
    ? shortNumber(value)
    : `${shortNumber(value)} [${shortNumber(low)}, ${shortNumber(high)}]`;
