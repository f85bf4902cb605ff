// What a worker holds: one model, opened with the present options, and the images that are looked at with it.
import { UsageError } from "@snellen/graph";
import {
  createWebRuntime,
  type DescribeOptions,
  type Device,
  type Image,
  type ImageEntry,
  type ModelBytes,
  openModelOf,
  type ReadMask,
  type Runtime,
  type VisionModel,
} from "snellen/web";
import { threadCount } from "./threads.ts";

/** Decoded pictures that are kept: those that are looked at are looked at again. */
const KEPT = 16;

export interface OpenedModel {
  readonly bytes: ModelBytes;
  readonly options: DescribeOptions;
  readonly vision: VisionModel;
}

export interface OpenedImages {
  readonly name: string;
  /** `folder`, `filename`, `drawn`, `none`, or the path of a label file. */
  readonly labelsFrom: string;
  readonly entries: readonly ImageEntry[];
  readonly readMask: ReadMask;
}

export interface Opened {
  /** @throws UsageError `no-model` */
  readonly model: () => OpenedModel;
  readonly setModel: (bytes: ModelBytes, options: DescribeOptions) => OpenedModel;
  readonly runtime: Runtime;
  readonly device: () => Device;
  readonly setDevice: (device: Device) => void;
  images: OpenedImages;
  /** @throws UsageError `no-images`; what decoding throws */
  readonly image: (index: number) => Promise<Image>;
  /** The same graph with changes, on the same runtime and with the same options. */
  readonly reopen: (model: ModelBytes["model"]) => VisionModel;
}

export function createOpened(wasmPaths: string): Opened {
  const runtime = createWebRuntime({ wasmPaths, threads: threadCount() });
  let device: Device = "cpu";
  let opened: OpenedModel | undefined;
  const decoded = new Map<Blob, Promise<Image>>();
  const none: ReadMask = () => Promise.reject(new UsageError("no-images", "there are no masks."));
  const open = (bytes: ModelBytes, options: DescribeOptions): VisionModel =>
    openModelOf(bytes, { ...options, runtime, session: { device } });
  const self: Opened = {
    runtime,
    images: { name: "", labelsFrom: "none", entries: [], readMask: none },
    model() {
      if (opened === undefined) throw new UsageError("no-model", "no model is open.");
      return opened;
    },
    setModel(bytes, options) {
      // described first: where it cannot be, the model before stays
      const vision = open(bytes, options);
      void opened?.vision[Symbol.asyncDispose]();
      opened = { bytes, options, vision };
      return opened;
    },
    device: () => device,
    setDevice(wanted) {
      device = wanted;
      if (opened !== undefined) self.setModel(opened.bytes, opened.options);
    },
    image(index) {
      const entry = self.images.entries[index];
      if (entry === undefined) throw new UsageError("no-images", "there is no such picture.");
      const kept = decoded.get(entry.file) ?? entry.read();
      decoded.delete(entry.file);
      decoded.set(entry.file, kept);
      for (const oldest of decoded.keys()) {
        if (decoded.size <= KEPT) break;
        decoded.delete(oldest);
      }
      return kept.then((image) => ({ ...image, ...entry.label }));
    },
    reopen: (model) => open({ ...self.model().bytes, model }, self.model().options),
  };
  return self;
}
