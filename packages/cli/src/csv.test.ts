// Cells in CSV. Oracle: RFC 4180 by hand; what begins as a formula by OWASP's page on CSV injection.
import { expect, it } from "vitest";
import { csvText } from "./csv.ts";

it.each([
  ["a,b", '"a,b"'],
  ['a"b', '"a""b"'],
  ["a\nb", '"a\nb"'],
  ["a\rb", '"a\rb"'], // at which readers end a line too
  ["=1+1", "'=1+1"],
  ["-x", "'-x"],
  [-0.5, "-0.5"],
  [false, "false"],
  [null, ""],
])("%j is %s", (cell, text) => {
  expect(csvText({ columns: ["cell", "last"], rows: [{ cell, last: 1 }] })).toBe(`cell,last\n${text},1\n`);
});
