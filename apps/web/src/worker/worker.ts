// The worker: answers calls, tells progress, and stops a call when it is told to. It holds one model's memory, which only ending the
// worker gives back: WebAssembly memory does not shrink.
import { failureOf } from "./failure.ts";
import type { Handler } from "./handler.ts";
import { handlers } from "./handlers/index.ts";
import { createOpened } from "./opened.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

// `self` is a page's window to the type checker, which takes a target of messages
const port = self as unknown as {
  postMessage(message: FromWorker): void;
  addEventListener(type: "message", listener: (event: MessageEvent<ToWorker>) => void): void;
};

const opened = createOpened(new URL("runtime/", location.href.replace(/assets\/[^/]*$/, "")).href);
const running = new Map<number, AbortController>();

port.addEventListener("message", ({ data }) => {
  if (data.type === "stop") running.get(data.id)?.abort();
  else void answer(data);
});

async function answer({ id, method, args }: Extract<ToWorker, { type: "call" }>): Promise<void> {
  const control = new AbortController();
  running.set(id, control);
  try {
    const handler = (await handlers[method]()) as unknown as Handler<unknown, unknown, unknown>;
    const value = await handler(args, {
      opened,
      signal: control.signal,
      progress: (told) => port.postMessage({ type: "progress", id, value: told }),
      note: (text) => port.postMessage({ type: "note", id, text }),
    });
    control.signal.throwIfAborted();
    port.postMessage({ type: "done", id, value });
  } catch (error) {
    port.postMessage({ type: "failed", id, failure: failureOf(error) });
  } finally {
    running.delete(id);
  }
}
