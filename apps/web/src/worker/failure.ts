// Whatever was thrown, as something that can be told: never a stack trace, always a next step.
import { SnellenError } from "@snellen/graph";
import { hintHere } from "../flag-words.ts";
import type { Failure } from "./protocol.ts";

const OUT_OF_MEMORY = /out of memory|allocation failed|bad_alloc|memory access out of bounds|Array buffer/i;

export function failureOf(error: unknown): Failure {
  if (error instanceof SnellenError)
    return {
      code: error.code,
      what: error.what,
      where: error.where?.startsWith("--") === false ? error.where : null,
      hint: error.hint === undefined ? null : hintHere(error.hint),
      isOurs: !error.userFault,
    };
  const { name, message } = error as Error;
  if (name === "AbortError")
    return { code: "stopped", what: "Stopped.", where: null, hint: null, isOurs: false };
  if (error instanceof RangeError || OUT_OF_MEMORY.test(message))
    return {
      code: "out-of-memory",
      what: "this page ran out of memory.",
      where: null,
      hint: "Reload the page and take fewer pictures or a smaller model; the command line has more room.",
      isOurs: false,
    };
  return {
    code: "internal",
    what: `internal: ${message}`,
    where: null,
    hint: "Reload the page. If it happens again, please report it with the model's exporter and operators.",
    isOurs: true,
  };
}
