// Tables as CSV (RFC 4180, lines end in \n), of which a spreadsheet computes nothing.
import { stringify } from "csv-stringify/sync";
import type { DataTable } from "snellen";

/** Rows by the names of their columns; what else they have is left out. */
interface NamedRows<Column extends string> {
  readonly columns: readonly Column[];
  readonly rows: readonly { readonly [C in Column]?: string | number | boolean | null }[];
}

/**
 * Null is an empty cell. Text that looks like a formula gets the apostrophe that makes it text: names are from models and
 * folders, and these may be anybody's.
 */
export const csvText = <Column extends string>({ columns, rows }: DataTable | NamedRows<Column>): string =>
  stringify([...rows], {
    header: true,
    columns: [...columns],
    escape_formulas: true,
    cast: { boolean: String },
  });
