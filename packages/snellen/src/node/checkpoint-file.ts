// A training's checkpoint on disk: one safetensors file, so that it is there as a whole or not at all.
import { floatTensor, ModelError, type Tensor, tensorValues } from "@snellen/graph";
import * as z from "zod/mini";
import type { Checkpoint, TrainingProgress } from "../train/checkpoint.ts";
import { IN_ENGLISH } from "../zod-messages.ts";
import { readSafetensorsContent, writeSafetensors } from "./safetensors.ts";

/** What decides a training's numbers, beside its state. */
export type TrainingSettings = Readonly<Record<string, unknown>>;

const STATE = "state/";
const BEST = "best/";

/**
 * Writes a training's checkpoint as one safetensors file, which is there as a whole or not at all.
 * @throws UsageError `output-not-writable`, as where the disk is full; the checkpoint before is still there then
 */
export async function writeCheckpoint(
  path: string,
  settings: TrainingSettings,
  { state, best, progress }: Checkpoint,
): Promise<void> {
  const tensors = new Map<string, Tensor>();
  const add = (prefix: string, vectors: ReadonlyMap<string, Float32Array>): void => {
    for (const [name, values] of vectors) tensors.set(prefix + name, floatTensor([values.length], values));
  };
  add(STATE, state);
  if (best !== undefined) add(BEST, best);
  const metadata = { settings: JSON.stringify(settings), progress: JSON.stringify(progress) };
  await writeSafetensors(path, tensors, undefined, metadata);
}

/** States of three vectors a weight and the best weights: of networks that fit into one file. */
const LARGEST_BYTES = 16 * 2 ** 30;

/**
 * Reads a training's checkpoint, and the settings that it was made with.
 * @throws ModelError `unreadable-file`, `bad-checkpoint`
 */
export async function readCheckpoint(
  path: string,
): Promise<{ readonly settings: TrainingSettings; readonly checkpoint: Checkpoint }> {
  const { tensors, metadata } = await readSafetensorsContent(path, LARGEST_BYTES).catch((cause) => {
    throw cause instanceof ModelError && cause.code === "bad-safetensors" ? noCheckpoint(path, cause) : cause;
  });
  const part = (prefix: string): Map<string, Float32Array> =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensorValues(tensor) as Float32Array]),
    );
  const best = part(BEST);
  return {
    settings: parsed(path, SETTINGS, metadata.settings),
    checkpoint: {
      state: part(STATE),
      best: best.size === 0 ? undefined : best,
      progress: parsed(path, PROGRESS, metadata.progress),
    },
  };
}

const SETTINGS = z.record(z.string(), z.unknown());

const count = z.int().check(z.nonnegative());
const PROGRESS: z.ZodMiniType<TrainingProgress> = z.object({
  step: count,
  epoch: count,
  sums: z.object({
    loss: z.number(),
    correct: z.number(),
    seen: count,
    gradientNorm: z.number(),
    batches: count,
  }),
  epochs: z.array(
    z.object({
      epoch: count,
      step: count,
      rate: z.number(),
      loss: z.number(),
      accuracy: z.number(),
      gradientNorm: z.number(),
      validationLoss: z.nullable(z.number()),
      validationAccuracy: z.nullable(z.number()),
    }),
  ),
  bestEpoch: z.nullable(count),
});

function parsed<T>(path: string, schema: z.ZodMiniType<T>, text: string | undefined): T {
  try {
    return schema.parse(JSON.parse(text ?? ""), IN_ENGLISH);
  } catch (cause) {
    throw noCheckpoint(path, cause);
  }
}

const noCheckpoint = (path: string, cause: unknown): ModelError =>
  new ModelError("bad-checkpoint", "is no checkpoint of a training, or was damaged.", {
    where: path,
    hint: "Begin anew, into another --out or with --overwrite, or give the --out folder of another training.",
    cause,
  });
