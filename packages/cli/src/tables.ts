// Tables on the terminal, in one look: lines around them and between their columns.
import Table from "cli-table3";

type Cell = string | number | null;

export interface TableLayout {
  /** With a line under the head and between rows too. */
  readonly ruled?: boolean;
  /** Characters of each column; longer text is wrapped at blanks. */
  readonly widths?: readonly number[];
}

const WITHOUT_RULES = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };

/** @param head titles of the columns; an empty list leaves them out */
export function tableText(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  { ruled = false, widths }: TableLayout = {},
): string {
  const table = new Table({
    head: [...head],
    style: { head: [], border: [] },
    ...(ruled ? {} : { chars: WITHOUT_RULES }),
    ...(widths === undefined ? {} : { wordWrap: true, colWidths: [...widths] }),
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}
