// The one error family of the project: every failure says what was wrong, where, and what to do next.
// `code` is stable and asserted in tests; `userFault` decides the exit code (2 for the user's mistake, 1 for ours).

/** Fields that every Snellen error carries beside its message. */
export interface ErrorDetails {
  /** Where it happened: a file, node, operator or flag, already readable (`Conv "conv1"`). */
  readonly where?: string;
  /** What the user can do about it, one sentence. */
  readonly hint?: string;
  /** The error behind it. */
  readonly cause?: unknown;
}

/**
 * What all errors that are thrown on purpose have in common: what was wrong, where, and what to do. The message is
 * `<where>: <what> <hint>`.
 */
export class SnellenError extends Error {
  override readonly name: string = "SnellenError";
  /** Stable identifier such as `not-onnx`; part of the public contract. */
  readonly code: string;
  /** What was wrong: the message without where and hint. */
  readonly what: string;
  readonly where: string | undefined;
  readonly hint: string | undefined;
  /** True when the input, not the program, is at fault. */
  readonly userFault: boolean = true;

  constructor(code: string, what: string, details: ErrorDetails = {}) {
    const where = details.where === undefined ? "" : `${details.where}: `;
    const hint = details.hint === undefined ? "" : ` ${details.hint}`;
    super(`${where}${what}${hint}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.what = what;
    this.where = details.where;
    this.hint = details.hint;
  }
}

/** A model file that cannot be read, or a graph that is not well formed. */
export class ModelError extends SnellenError {
  override readonly name = "ModelError";
}

/** A model or request that is well formed but that we cannot serve (operator without a rule, opset too new, …). */
export class UnsupportedError extends SnellenError {
  override readonly name = "UnsupportedError";
}

/** A wrong option or argument. */
export class UsageError extends SnellenError {
  override readonly name = "UsageError";
}

/** An image or image folder that cannot be used. */
export class ImageError extends SnellenError {
  override readonly name = "ImageError";
}

/** Our own fault: an invariant that does not hold. The message starts with `internal:`. */
export class InternalError extends SnellenError {
  override readonly name = "InternalError";
  override readonly userFault = false;

  constructor(what: string, details: ErrorDetails = {}) {
    super("internal", `internal: ${what}`, details);
  }
}
