// Turns ONNX Runtime's messages into errors that say what to do; its own text stays as the cause and in the message.
// The messages are not part of its contract, so every pattern is tested against the runtime that is installed.
import { ModelError, SnellenError, UnsupportedError, UsageError } from "@snellen/graph";

type ErrorClass = typeof ModelError | typeof UnsupportedError | typeof UsageError;

interface KnownMessage {
  readonly pattern: RegExp;
  readonly error: ErrorClass;
  readonly code: string;
  /** What was wrong, from the pattern's groups. */
  readonly what: (match: RegExpExecArray) => string;
  readonly hint?: string;
}

const KNOWN: readonly KnownMessage[] = [
  {
    pattern: /protobuf parsing failed|Model data pointer is null|INVALID_PROTOBUF/i,
    error: ModelError,
    code: "not-onnx",
    what: () => "is not an ONNX model, or is cut off.",
    hint: "Export or download it again.",
  },
  {
    pattern: /Opset (\d+) is under development.*till opset (\d+)/is,
    error: UnsupportedError,
    code: "opset-too-new",
    what: ([, opset, newest]) => `uses opset ${opset}, this ONNX Runtime knows opsets up to ${newest}.`,
    hint: "Export it with an older opset.",
  },
  {
    pattern: /Unsupported model IR version: (\d+), max supported IR version: (\d+)/i,
    error: UnsupportedError,
    code: "ir-too-new",
    what: ([, version, newest]) =>
      `has IR version ${version}, this ONNX Runtime knows versions up to ${newest}.`,
    hint: "Export it with an older version of the onnx package.",
  },
  {
    pattern: /Could not find an implementation for (\S+) node with name '([^']*)'/i,
    error: UnsupportedError,
    code: "operator-not-implemented",
    what: ([, operator, node]) =>
      `${operator} (node "${node}") has no implementation on this device for its types.`,
    hint: "Export the model in float32, or choose another --device.",
  },
  {
    pattern: /\("([^"]*)", (\w+),.*No Op registered for (\w+) with domain_version of (\d+)/is,
    error: UnsupportedError,
    code: "unknown-operator",
    what: ([, node, , operator, opset]) => `${operator} (node "${node}") is no operator of opset ${opset}.`,
    hint: "Export the model with standard operators.",
  },
  {
    pattern: /No Op registered for (\S+) with domain_version of (\d+)/i,
    error: UnsupportedError,
    code: "unknown-operator",
    what: ([, operator, opset]) => `${operator} is no operator of opset ${opset}.`,
    hint: "Export the model with standard operators.",
  },
  {
    pattern: /Fatal error: (\S+?)\(-?\d+\) is not a registered function\/op/i,
    error: UnsupportedError,
    code: "unknown-operator",
    what: ([, operator]) => `${operator} is a custom operator, which this ONNX Runtime does not know.`,
    hint: "Export the model with standard operators.",
  },
  {
    pattern: /External data path (?:does not exist|escapes model directory)[^"]*"([^"]*)"/i,
    error: ModelError,
    code: "missing-external-data",
    what: ([, path]) => `its weights are not at ${path}.`,
    hint: "Keep the .data file of the export beside the model.",
  },
  {
    pattern:
      /External initializer: (\S+) offset: .*out of bounds|External data file not found|Module\.MountedFiles/is,
    error: ModelError,
    code: "missing-external-data",
    what: ([, name]) =>
      `the file of its weights${name === undefined ? "" : ` (for ${name})`} is missing or cut off.`,
    hint: "Keep the .data file of the export beside the model.",
  },
  {
    pattern: /Got invalid dimensions for input: (\S+) for the following indices\s+(.*?)\s+Please fix/is,
    error: UsageError,
    code: "wrong-input-shape",
    what: ([, name, indices]) =>
      `input "${name}" has other dimensions than the model takes: ${indices!.replaceAll(/\s+/g, " ")}.`,
    hint: "Give --size or --batch as the model was exported.",
  },
  {
    pattern: /Invalid rank for input: (\S+) Got: (\d+) Expected: (\d+)/i,
    error: UsageError,
    code: "wrong-input-shape",
    what: ([, name, got, expected]) => `input "${name}" has rank ${got}, the model takes ${expected}.`,
  },
  {
    pattern: /Unexpected input data type\. Actual: \(?tensor\((\w+)\)\)? ?, expected: \(?tensor\((\w+)\)/i,
    error: UsageError,
    code: "wrong-input-type",
    what: ([, got, expected]) => `an input holds ${got}, the model takes ${expected}.`,
  },
  {
    pattern: /input '([^']*)' is missing in 'feeds'/i,
    error: UsageError,
    code: "missing-input",
    what: ([, name]) => `no value was given for input "${name}".`,
  },
  {
    pattern:
      /bad_alloc|bad allocation|Failed to allocate memory|out of memory|OOM|memory access out of bounds|integer overflow/i,
    error: UnsupportedError,
    code: "out-of-memory",
    what: () => "does not fit into memory.",
    hint: "Take a smaller --batch.",
  },
  {
    pattern: /(?:invalid model|Type Error)(.*)/is,
    error: ModelError,
    code: "invalid-model",
    what: ([text]) => `ONNX Runtime refuses it: ${firstLine(text!)}`,
    hint: "Check it with onnx.checker.check_model(model, full_check=True).",
  },
];

/** One line without the places in ONNX Runtime's own source. */
function firstLine(message: string): string {
  const text = message.replace(/^.*?(?:\.h|\.cc):\d+ .*?\) (?=\S)/s, "").trim();
  const line = text.split("\n", 1)[0]!.trim();
  return line.endsWith(".") ? line : `${line}.`;
}

/**
 * The error for something that ONNX Runtime threw.
 * @param where the model or file, as messages name it.
 * @returns ModelError, UnsupportedError or UsageError with a code of its own for what is known, ModelError `runtime-failed`
 *   otherwise; our own errors as they are.
 */
export function runtimeError(cause: unknown, where = "model"): SnellenError {
  if (cause instanceof SnellenError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  for (const { pattern, error, code, what, hint } of KNOWN) {
    const match = pattern.exec(message);
    if (match !== null) return new error(code, what(match), { where, hint, cause });
  }
  return new ModelError("runtime-failed", `ONNX Runtime failed: ${firstLine(message)}`, { where, cause });
}
