// A table of evidence: numbers aligned under their titles, absent ones as a dash; it scrolls by itself where it is too wide.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { ComponentChildren, JSX } from "preact";
import type { Table } from "../../exam/result.ts";
import { fixedNumber } from "../number.ts";

type Cell = Table["rows"][number][number];

/** What may be wider than the page: it can be scrolled with the keyboard too. */
export const Scrolling = (props: {
  readonly label: string;
  readonly children: ComponentChildren;
}): JSX.Element => (
  // biome-ignore lint/a11y/useSemanticElements: a fieldset holds fields
  // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll only what has the focus
  <div class="scroll" role="group" aria-label={props.label} tabIndex={0}>
    {props.children}
  </div>
);

/** It stays in view when its table is scrolled. */
export const Caption = ({ children }: { readonly children: string }): JSX.Element => (
  <caption>
    <span>{children}</span>
  </caption>
);

/** A table of evidence, which scrolls by itself where it is too wide. */
export function DataTable({ table: { caption, columns, rows } }: { readonly table: Table }): JSX.Element {
  const areNumbers = columns.map(({ digits }, i) => digits !== undefined || isNumeric(rows, i));
  const isNamed = columns.length > 1 && rows.every(([first]) => typeof first === "string" && first !== "");
  return (
    <Scrolling label={caption}>
      <table>
        <Caption>{caption}</Caption>
        <thead>
          <tr>
            {columns.map(({ title, unit }, i) => (
              <th key={i} scope="col" class={areNumbers[i] ? "number" : undefined}>
                {unit === undefined ? title : `${title} (${unit})`}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, r) => (
            <tr key={r}>
              {row.map((value, i) =>
                i === 0 && isNamed ? (
                  <th key={i} scope="row" class={lengthOf(String(value))}>
                    {value}
                  </th>
                ) : (
                  <DataCell
                    key={i}
                    text={cellText(value, columns[i]?.digits)}
                    isNumber={areNumbers[i] === true}
                  />
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  );
}

/** Characters up to which a cell stays in one line; beyond them it takes a few words a line at least. */
const SHORT = 26;

export const lengthOf = (text: string): string => (text.length <= SHORT ? "short" : "long");

interface DataCellProps {
  readonly text: string;
  readonly isNumber: boolean;
}

const DataCell = ({ text, isNumber }: DataCellProps): JSX.Element => (
  <td class={isNumber ? "number" : lengthOf(text)}>{text}</td>
);

/** Of numbers and nothing else. */
function isNumeric(rows: Table["rows"], column: number): boolean {
  const known = rows.flatMap((row) => row[column] ?? []);
  return known.length > 0 && known.every((value) => typeof value === "number");
}

function cellText(value: Cell, digits: number | undefined): string {
  if (value === null) return "–";
  if (typeof value === "string") return value;
  return digits === undefined ? String(value) : fixedNumber(value, digits);
}
