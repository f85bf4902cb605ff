// Oracle: a POSIX shell, which is asked what words it reads.
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { remedyCommand, shellQuoted } from "./remedy-command.ts";

const REMEDY = "snellen fix kernel-padding <model> -o fixed.onnx";

/** The words that a shell makes of a command. */
const wordsOf = (command: string): string[] =>
  execFileSync("/bin/sh", ["-c", `printf '%s\\n' ${command}`], { encoding: "utf8" })
    .split("\n")
    .slice(0, -1);

describe.skipIf(process.platform === "win32")("remedyCommand", () => {
  it.each(["resnet50.onnx", "my model.onnx", 'it\'s; rm -rf $HOME `id` "x" \\.onnx', "$&$1.onnx", "*.onnx"])(
    "names the file %j as one word",
    (name) => {
      expect(wordsOf(remedyCommand(REMEDY, name))).toEqual([
        "snellen",
        "fix",
        "kernel-padding",
        name,
        "-o",
        "fixed.onnx",
      ]);
    },
  );

  it("makes no flag of a file's name", () => {
    expect(remedyCommand(REMEDY, "-rf.onnx")).toContain(" ./-rf.onnx ");
  });

  it.each(["a network", "", "evil\u001b[2J.onnx", "two\nlines.onnx"])(
    "leaves the command as it is for %j",
    (name) => {
      expect(remedyCommand(REMEDY, name)).toBe(REMEDY);
    },
  );

  it("leaves plain words without quotes", () => {
    expect(shellQuoted("models/a-b_1.onnx")).toBe("models/a-b_1.onnx");
    expect(shellQuoted("")).toBe("''");
  });
});
