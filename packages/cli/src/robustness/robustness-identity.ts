// What decides the outcomes of a robustness run: runs of one identity go on from each other, and are merged.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { UsageError } from "@snellen/graph";
import {
  type Condition,
  conditionKey,
  type ObservedModel,
  type Pixels,
  type Subject,
  VERSION,
} from "snellen";
import type { ImageEntry, OpenedModel } from "snellen/node";
import type { RobustnessFlags } from "../commands/robustness.ts";
import { texturesDigest } from "./open-corruptor.ts";

/** A model, opened, with the images as it knows their classes. */
export interface OpenedSubject {
  readonly subject: Subject;
  readonly model: OpenedModel;
  /** SHA-256 of the model's file and of those that hold its weights. */
  readonly digest: string;
  readonly entries: readonly ImageEntry[];
}

/** What decides every outcome; equal for all shards of a run. */
export interface RunIdentity {
  readonly snellen: string;
  readonly models: readonly (ObservedModel & {
    /** SHA-256 of the model's file and of those that hold its weights. */
    readonly digest: string;
    readonly scores: string;
    readonly preprocessing: object;
    /** SHA-256 of the images' classes among the model's own. */
    readonly labels: string;
  })[];
  readonly images: { readonly name: string; readonly count: number; readonly digest: string };
  readonly conditions: readonly string[];
  readonly seed: number;
  readonly at: string;
  readonly frostTextures: string | null;
}

/** @param models opened, with the same images each */
export async function identityOf(
  models: readonly OpenedSubject[],
  conditions: readonly Condition[],
  { seed, at }: RobustnessFlags,
  frostTextures: readonly Pixels[] | undefined,
): Promise<RunIdentity> {
  const [{ entries }] = models as [OpenedSubject];
  return {
    snellen: VERSION,
    models: models.map(({ subject: { name, outcome, classes, labels }, model: { info }, digest }) => ({
      name,
      outcome,
      classes,
      digest,
      scores: info.logits.value,
      preprocessing: info.preprocessing.spec,
      labels: digestOf(JSON.stringify(labels)),
    })),
    images: await imagesIdentity(entries.map(({ source }) => source)),
    conditions: conditions.map(conditionKey),
    seed,
    at,
    frostTextures: texturesDigest(frostTextures),
  };
}

/** Names and sizes: a shard may lie on another machine, under another folder, and be listed in another way. */
async function imagesIdentity(sources: readonly string[]): Promise<RunIdentity["images"]> {
  const sizes = await Promise.all(
    sources.map((source) =>
      stat(source).then(
        ({ size }) => size,
        () => null,
      ),
    ),
  );
  const names = sources.map((path) => `${basename(dirname(path))}/${basename(path)}`);
  return {
    name: basename(commonFolder(sources.map((source) => dirname(source)))),
    count: sources.length,
    digest: digestOf(JSON.stringify([names, sizes])),
  };
}

/** The folder that all of them lie in, at whatever depth. */
function commonFolder(folders: readonly string[]): string {
  const [first = "", ...others] = [...new Set(folders)];
  let common = first;
  while (others.some((folder) => folder !== common && !folder.startsWith(join(common, sep)))) {
    if (dirname(common) === common) break;
    common = dirname(common);
  }
  return common;
}

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** SHA-256 of files, one after the other. */
export async function digestOfFiles(paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const path of paths) for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

/** @throws UsageError `other-settings` naming what differs */
export function requireSameRun(first: RunIdentity, second: RunIdentity, where: string): void {
  const differs = (Object.keys(first) as (keyof RunIdentity)[]).find(
    (key) => JSON.stringify(first[key]) !== JSON.stringify(second[key]),
  );
  if (differs === undefined) return;
  throw new UsageError("other-settings", `is of a run with other ${WORDS[differs]}.`, {
    where,
    hint: "Shards of one run have the same models, images, corruptions, severities and seed.",
  });
}

const WORDS: Readonly<Record<keyof RunIdentity, string>> = {
  snellen: "versions of snellen",
  models: "models, preprocessing or labels",
  images: "images",
  conditions: "corruptions or severities",
  seed: "draws (--seed)",
  at: "places of corruption (--at)",
  frostTextures: "textures of frost",
};
