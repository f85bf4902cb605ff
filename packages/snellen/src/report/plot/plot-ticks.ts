// Marks of an axis with their numbers: as many as stand beside each other without touching.
import type { PlotScale } from "./plot-scales.ts";

export interface Tick {
  /** In units of the drawing. */
  readonly at: number;
  readonly label: string;
}

/** Marks along a linear axis, from many to few. */
const COUNTS = [6, 5, 4, 3, 2];
/** Powers of ten that a logarithmic axis steps by, with the multiples of each that are marked. */
const STEPS = [
  { multiples: [1, 2, 5], powers: 1 },
  ...[1, 2, 3, 5, 10, 20, 50, 100].map((powers) => ({ multiples: [1], powers })),
];
const MOST_TICKS = 9;

/** What kind of values an axis has. */
export interface AxisKind {
  readonly isLog: boolean;
  /** There is nothing between whole numbers, such as layers and epochs. */
  readonly isWhole: boolean;
}

/** @param room what a label needs along the axis, with the gap to the next */
export function plotTicks(
  scale: PlotScale,
  { isLog, isWhole }: AxisKind,
  room: (label: string) => number,
): Tick[] {
  const choices = isLog
    ? STEPS.map((step) => logValues(scale, step)).filter(({ length }) => length > 1 && length <= MOST_TICKS)
    : COUNTS.map((count) => linearValues(scale.ticks(count), isWhole));
  const placed = choices.map((values) => {
    const label = isLog ? powerLabel : linearLabel(values);
    return values.map((value): Tick => ({ at: rounded(scale(value)), label: label(value) }));
  });
  return placed.find((ticks) => areApart(ticks, room)) ?? placed.at(-1)?.slice(0, 1) ?? [];
}

const rounded = (place: number): number => Math.round(1000 * place) / 1000;

/** Whole ones where there are any. */
function linearValues(values: readonly number[], isWhole: boolean): readonly number[] {
  const whole = isWhole ? values.filter(Number.isInteger) : [];
  return whole.length > 0 ? whole : values;
}

const areApart = (ticks: readonly Tick[], room: (label: string) => number): boolean =>
  ticks.every(({ at, label }, i) => {
    const next = ticks[i + 1];
    return next === undefined || Math.abs(next.at - at) >= (room(label) + room(next.label)) / 2;
  });

/** Of a domain that ends at powers of ten. */
function logValues(scale: PlotScale, { multiples, powers }: (typeof STEPS)[number]): number[] {
  const [first, last] = scale.domain().map((v) => Math.round(Math.log10(v))) as [number, number];
  const values: number[] = [];
  for (let power = first; power < last; power += powers)
    values.push(...multiples.map((m) => Number(`${m}e${power}`)));
  return (last - first) % powers === 0 ? [...values, Number(`1e${last}`)] : values;
}

const PLAIN = { least: 1e-3, most: 1e5 };
const MINUS = "−";

/** Numbers with as many decimals as tell neighbours apart. */
function linearLabel(values: readonly number[]): (value: number) => string {
  const largest = Math.max(...values.map(Math.abs));
  if (largest !== 0 && (largest < PLAIN.least || largest > 10 * PLAIN.most)) return powerLabel;
  const step = values.length > 1 ? Math.abs((values[1] as number) - (values[0] as number)) : 1;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return (value) => signed(value, Math.abs(value).toFixed(decimals));
}

const signed = (value: number, size: string): string => (value < 0 ? `${MINUS}${size}` : size);

/** `0.02`, `500`, `2·10⁻⁵`. */
function powerLabel(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || (size >= PLAIN.least && size <= PLAIN.most)) return signed(value, String(size));
  const [digits = "", power = ""] = size.toExponential().split("e");
  const factor = Number(Number(digits).toPrecision(3));
  const raised = [...String(Number(power))].map((c) => SUPERSCRIPTS[c] ?? c).join("");
  return signed(value, `${factor === 1 ? "" : `${factor}·`}10${raised}`);
}

const SUPERSCRIPTS: Readonly<Record<string, string>> = {
  "-": "⁻",
  ...Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].map((raised, digit) => [digit, raised])),
};
