// A verdict by a sign and a word; colour only repeats it.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from "preact";
import type { AuditRow } from "../../exam/result.ts";
import { VERDICTS } from "../verdicts.ts";

/** A verdict by a sign and a word. */
export const VerdictMark = ({ verdict }: Pick<AuditRow, "verdict">): JSX.Element => (
  <span class={`verdict ${verdict}`}>{VERDICTS[verdict]}</span>
);
