// What goes between page and worker: calls with their progress and outcome, matched by number.
import type { HandlerContext } from "./handler.ts";
import type { handlers } from "./handlers/index.ts";

type Loaders = typeof handlers;
type Handlers = { readonly [M in keyof Loaders]: Awaited<ReturnType<Loaders[M]>> };
export type Method = keyof Handlers;

export type ArgsOf<M extends Method> = Parameters<Handlers[M]>[0];
export type ResultOf<M extends Method> = Awaited<ReturnType<Handlers[M]>>;
export type ProgressOf<M extends Method> =
  Parameters<Handlers[M]>[1] extends HandlerContext<infer Progress> ? Progress : never;

export type ToWorker =
  | { readonly type: "call"; readonly id: number; readonly method: Method; readonly args: unknown }
  | { readonly type: "stop"; readonly id: number };

export type FromWorker =
  | { readonly type: "progress"; readonly id: number; readonly value: unknown }
  | { readonly type: "note"; readonly id: number; readonly text: string }
  | { readonly type: "done"; readonly id: number; readonly value: unknown }
  | { readonly type: "failed"; readonly id: number; readonly failure: Failure };

/** An error as people read it: what was wrong, where, and what to do next. */
export interface Failure {
  readonly code: string;
  readonly what: string;
  readonly where: string | null;
  readonly hint: string | null;
  /** Ours rather than the user's. */
  readonly isOurs: boolean;
}
