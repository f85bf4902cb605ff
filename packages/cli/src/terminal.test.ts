// How commands speak. Oracle: the text itself, on a terminal and off it.
import { InternalError, UsageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { createTerminal, Interrupted, reportError } from "./terminal.ts";

function streams(isTTY: boolean) {
  const text = { out: "", err: "" };
  return {
    text,
    stdout: { write: (chunk: string) => (text.out += chunk) },
    stderr: { write: (chunk: string) => (text.err += chunk), isTTY },
  };
}

describe("createTerminal", () => {
  it("shows progress on a terminal only, and takes it away before anything else", () => {
    const [live, file] = [streams(true), streams(false)];
    for (const s of [live, file]) {
      const terminal = createTerminal({}, s);
      terminal.progress("maps", 0.5);
      terminal.note("a note");
      terminal.progress("maps", 1);
      terminal.result({}, () => "done");
      expect(s.text.out).toBe("done\n");
    }
    expect(live.text.err).toBe(
      `\r\x1b[2Kmaps ${"█".repeat(12)}${"░".repeat(12)} 50 %\r\x1b[2Ka note\n\r\x1b[2Kmaps ${"█".repeat(24)} 100 %\r\x1b[2K`,
    );
    expect(file.text.err).toBe("a note\n");
  });

  it("is silent with --quiet, but for warnings", () => {
    const s = streams(true);
    const terminal = createTerminal({ quiet: true }, s);
    terminal.progress("maps", 0.5);
    terminal.note("a note");
    expect(s.text.err).toBe("");
    terminal.warn("careful");
    expect(s.text.err).toContain("careful");
  });

  it("prints JSON with --json and never makes the text", () => {
    const s = streams(false);
    createTerminal({ json: true }, s).result({ a: [1] }, () => expect.unreachable());
    expect(JSON.parse(s.text.out)).toEqual({ a: [1] });
  });

  it("replaces control characters in what others wrote", () => {
    const s = streams(false);
    createTerminal({}, s).warn("file \x1b]0;owned\x07.png\x9b2J");
    expect(s.text.err).toBe("warning: file \ufffd]0;owned\ufffd.png\ufffd2J\n");
  });
});

describe("reportError", () => {
  const report = (error: unknown, options: { json?: boolean; debug?: boolean } = {}) => {
    const s = streams(false);
    const code = reportError(error, { json: false, debug: false, ...options }, s);
    return { code, out: s.text.out, err: s.text.err };
  };
  const usage = new UsageError("bad-x", "is wrong.", { where: "--x", hint: "Write --x 1." });

  it.each([
    ["the user's", usage, 2, "error: --x: is wrong. Write --x 1.\n"],
    [
      "ours",
      new InternalError("no"),
      1,
      "error: internal: no\nThis is our fault. Run it again with --debug and report what it prints.\n",
    ],
    [
      "unknown",
      new TypeError("x is undefined"),
      1,
      "error: internal: x is undefined\nThis is our fault. Run it again with --debug and report what it prints.\n",
    ],
    [
      "an interruption",
      new DOMException("aborted", "AbortError"),
      130,
      "error: interrupted; nothing half-written was left.\n",
    ],
    ["SIGTERM", new Interrupted(143), 143, "error: interrupted; nothing half-written was left.\n"],
  ])("tells %s", (_, error, code, err) => {
    expect(report(error)).toEqual({ code, out: "", err });
  });

  it("tells programs in one line of JSON", () => {
    const { code, err } = report(usage, { json: true });
    expect([code, err.split("\n").length]).toEqual([2, 2]);
    expect(JSON.parse(err)).toEqual({
      error: {
        code: "bad-x",
        message: "--x: is wrong. Write --x 1.",
        where: "--x",
        hint: "Write --x 1.",
        exitCode: 2,
      },
    });
  });

  it("shows the stack and the causes with --debug", () => {
    const { err } = report(new InternalError("no", { cause: new Error("because") }), { debug: true });
    expect(err).toMatch(/\n\s+at .*terminal\.test/);
    expect(err).toContain("caused by Error: because");
    expect(err).not.toContain("This is our fault");
  });
});
