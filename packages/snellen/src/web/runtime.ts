// ONNX Runtime for the browser (onnxruntime-web), loaded when the first session is made: WebAssembly, or WebGPU if asked for.
// WebAssembly memory never shrinks, so long-lived pages run this in a worker that they can end.
import { UnsupportedError } from "@snellen/graph";
import type { InferenceSession } from "onnxruntime-common";
import { inTurn } from "../runtime/in-turn.ts";
import { wrapSession } from "../runtime/ort-session.ts";
import {
  type Device,
  type OrtSession,
  RIGHT_PADDING,
  type Runtime,
  type SerializedModel,
  type SessionOptions,
} from "../runtime/runtime.ts";

type Ort = typeof import("onnxruntime-web");

/** Where onnxruntime-web's files lie, how many threads it has, and defaults of its sessions. */
export interface WebRuntimeOptions {
  /** Folder URL of onnxruntime-web's `.wasm` and `.mjs` files, or the URL of each; default: beside the bundle. */
  readonly wasmPaths?: Ort["env"]["wasm"]["wasmPaths"];
  /**
   * Threads of all sessions; default: half of the logical processors, at most 4. Counts only on pages that are cross-origin
   * isolated (COOP and COEP headers), else there is one.
   */
  readonly threads?: number;
  readonly logLevel?: Ort["env"]["logLevel"];
  /** Defaults of every session; `threads` is the runtime's here, not the session's. */
  readonly session?: Omit<SessionOptions, "threads">;
}

/** Builds of onnxruntime-web and its names of the devices; the WebAssembly one is a third of the size. */
const BACKENDS: Readonly<Partial<Record<Device, { load: () => Promise<Ort>; provider: string }>>> = {
  cpu: { load: () => import("onnxruntime-web/wasm"), provider: "wasm" },
  webgpu: {
    // two thirds of the other's size, where the browser can suspend WebAssembly by itself
    load: () =>
      "Suspending" in WebAssembly ? import("onnxruntime-web/jspi") : import("onnxruntime-web/webgpu"),
    provider: "webgpu",
  },
};

/**
 * WebGPU's build suspends WebAssembly in the middle of a run; a call of any other session meanwhile would write over its stack.
 */
const turns = inTurn();

/**
 * Lets the thread look at its messages, such as one that ends the work: a run on WebAssembly keeps the thread to itself, and what
 * follows it in promises does so too.
 */
const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });

function configure(ort: Ort, { wasmPaths, threads, logLevel = "fatal" }: WebRuntimeOptions): void {
  ort.env.logLevel = logLevel;
  if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
  if (threads !== undefined) ort.env.wasm.numThreads = threads;
}

function ortOptions(
  { weights }: SerializedModel,
  options: SessionOptions,
  provider: string,
): InferenceSession.SessionOptions {
  const { optimization = "all", extra } = options;
  const files = [...(weights?.files ?? [])].map(([path, data]) => ({ path, data }));
  return {
    executionProviders: [provider],
    graphOptimizationLevel: optimization,
    logSeverityLevel: 4,
    extra: { ...RIGHT_PADDING, ...extra },
    ...(files.length > 0 ? { externalData: files } : {}),
  };
}

/** Makes the runtime of the browser. */
export function createWebRuntime(options: WebRuntimeOptions = {}): Runtime {
  return {
    name: "onnxruntime-web",
    createSession: async (model, sessionOptions) => {
      const merged = { ...options.session, ...sessionOptions };
      const device = merged.device ?? "cpu";
      const backend = BACKENDS[device];
      if (backend === undefined) {
        throw new UnsupportedError(
          "device-not-available",
          `${device} cannot be used: browsers have cpu and webgpu.`,
          {
            where: "device",
          },
        );
      }
      const ort = await backend.load();
      configure(ort, options);
      const settings = ortOptions(model, merged, backend.provider);
      return wrapSession(
        async () => (await ort.InferenceSession.create(model.bytes, settings)) as unknown as OrtSession,
        { afterRun: nextTask, turns },
      );
    },
  };
}
