// An error as sentences: what was wrong, where, what to do next.
import { sentenceCase } from "snellen/web";
import type { Failure } from "../worker/protocol.ts";

export function FailureNotice({ title, failure }: { readonly title?: string; readonly failure: Failure }) {
  const { what, hint, isOurs } = failure;
  // the title has named the file
  const where = title?.startsWith(`${failure.where} `) ? null : failure.where;
  return (
    <div class="notice failure" role="alert">
      {title !== undefined && <strong>{title}. </strong>}
      <span>{sentenceCase(where === null ? what : `${where}: ${what}`)}</span>
      {hint !== null && <span> {hint}</span>}
      {isOurs && <span> This is our fault, not yours.</span>}
    </div>
  );
}
