// Oracle: what a worker made up here is asked for, and whether it was ended.
import { beforeEach, expect, it, vi } from "vitest";
import type { Method } from "../worker/protocol.ts";

/** What a call comes to; undefined where the worker is deep in its work and never answers. */
type Answer = { readonly value: unknown } | { readonly code: string } | undefined;

interface Asked {
  readonly id: number;
  readonly method: Method;
  readonly args: object;
}

let answer: (asked: Asked, worker: FakeWorker) => Answer;

class FakeWorker extends EventTarget {
  static all: FakeWorker[] = [];
  readonly asked: Asked[] = [];
  isEnded = false;

  constructor() {
    super();
    FakeWorker.all.push(this);
  }

  postMessage({ type, ...asked }: Asked & { readonly type: "call" | "stop" }): void {
    if (type === "stop") return;
    this.asked.push(asked);
    const found = answer(asked, this);
    if (found === undefined) return;
    const { id } = asked;
    const data =
      "value" in found
        ? { type: "done", id, value: found.value }
        : { type: "failed", id, failure: { code: found.code, what: `${found.code}.` } };
    queueMicrotask(() => this.dispatchEvent(new MessageEvent("message", { data })));
  }

  terminate(): void {
    this.isEnded = true;
  }
}

const facts = { value: { name: "m.onnx", inspection: { input: { size: [8, 8] } } } };

const usual = ({ method, args }: Asked): Answer =>
  method === "device" ? { value: { ...args, reason: null } } : facts;

/** A model that is open in the worker. */
async function opened() {
  vi.resetModules();
  const session = await import("./session.ts");
  answer = usual;
  await session.openModel([new File([], "m.onnx")]);
  return session;
}

beforeEach(() => {
  vi.stubGlobal("Worker", FakeWorker);
  vi.stubGlobal("document", {});
  vi.useFakeTimers();
  FakeWorker.all = [];
  return () => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  };
});

it("ends a worker that does not stop, also where it was asked again after the graphics processor failed", async () => {
  const { call, setDevice, device } = await opened();
  await setDevice("webgpu");
  answer = (asked) =>
    asked.method !== "heatMaps"
      ? usual(asked)
      : device.value?.device === "webgpu"
        ? { code: "runtime-failed" }
        : undefined;
  const control = new AbortController();
  const maps = call("heatMaps", { image: 0, maps: [] }, { signal: control.signal });
  const outcome = expect(maps).rejects.toMatchObject({ failure: { code: "stopped" } });
  await vi.advanceTimersByTimeAsync(1);
  const [worker] = FakeWorker.all;
  expect(worker?.asked.filter(({ method }) => method === "heatMaps")).toHaveLength(2);
  control.abort();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(worker?.isEnded).toBe(true);
  await outcome;
});

it("keeps the model where a worker that does not hear is ended for settings that are refused", async () => {
  const { describe } = await opened();
  const { problem } = await import("./problem.ts");
  answer = (asked, worker) => {
    if (worker === FakeWorker.all[0]) return undefined;
    const isRefused = asked.method === "open" && worker === FakeWorker.all[1];
    return isRefused ? { code: "bad-size" } : usual(asked);
  };
  const described = describe({ size: [4, 4] });
  await vi.advanceTimersByTimeAsync(10_000);
  await described;
  expect(problem.value?.failure.code).toBe("bad-size");
  const last = FakeWorker.all.at(-1);
  expect(last?.isEnded).toBe(false);
  const opening = last?.asked.filter(({ method }) => method === "open").map(({ args }) => args);
  expect(opening).toEqual([{ files: [expect.any(File)], options: {} }]);
});
