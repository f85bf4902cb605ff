// Tables as CSV (RFC 4180, lines end in \n), of which a spreadsheet computes nothing.
import { stringify } from "csv-stringify/sync";
import type { DataTable } from "snellen";

/**
 * Null is an empty cell. Text that looks like a formula gets the apostrophe that makes it text: names are from models and
 * folders, and these may be anybody's.
 */
export const csvText = ({ columns, rows }: DataTable): string =>
  // by itself the package quotes no carriage return, at which readers end a line
  stringify(rows as (string | number | null)[][], {
    header: true,
    columns: [...columns],
    escape_formulas: true,
    quoted_match: /\r/,
  });
