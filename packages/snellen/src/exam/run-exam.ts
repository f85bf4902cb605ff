// gather → compute → judge: makes the artifacts that the audits need, each once, then lets every audit judge.
// An audit that throws, or whose artifact could not be made, becomes a row with verdict `error`; the others go on.
import type { Picture } from "../images/overlay.ts";
import { type SkippedImage, skipReason } from "../images/stream.ts";
import { VERSION } from "../version.ts";
import type { Artifacts, GatherContext, Maker } from "./artifacts.ts";
import type { Audit, Finding } from "./audit.ts";
import { makers, audits as registered } from "./registry.ts";
import type { AuditRow, Evidence, ExamResult, ResultEvidence } from "./result.ts";

/** What an exam is given: the model, the images, and what a door brings along to read and write pictures. */
export interface ExamContext extends GatherContext {
  /** Encodes RGB pixels as a PNG file; doors differ in how. */
  readonly encodePng: (picture: Picture) => Promise<Uint8Array>;
  /** For tests: other audits than the registered ones. */
  readonly audits?: readonly Audit[];
}

/** Examines a model on a set of images. Only an abort makes it throw. */
export async function runExam(given: ExamContext): Promise<ExamResult> {
  const skipped = new Map<string, string>();
  const onSkip = (image: SkippedImage): void => {
    if (!skipped.has(image.source)) given.onSkip?.(image);
    skipped.set(image.source, skipReason(image));
  };
  const { audits = registered } = given;
  const rows: AuditRow[] = [];
  const onProgress = (step: string, done: number): void =>
    given.onProgress?.(`audit ${rows.length + 1} of ${audits.length}, ${step}`, done);
  const context = { ...given, onSkip, onProgress };
  const artifacts = new ArtifactStore(context);
  for (const audit of audits) rows.push(await judge(audit, artifacts, context));
  const facts = await artifacts.get("facts");
  return {
    version: 1,
    snellen: VERSION,
    date: new Date().toISOString(),
    model: { name: facts.name, facts: factRows(facts) },
    images: {
      name: context.images.name,
      count: context.images.entries.length,
      skipped: [...skipped].map(([source, reason]) => ({ source, reason })),
    },
    audits: rows,
  };
}

/** Makes artifacts on demand and keeps them; a failure is kept too, so that it is reported by each audit that needs it. */
class ArtifactStore {
  readonly #made = new Map<keyof Artifacts, Promise<unknown>>();
  readonly #context: GatherContext;

  constructor(context: GatherContext) {
    this.#context = context;
  }

  get<Id extends keyof Artifacts>(id: Id): Promise<Artifacts[Id]> {
    let made = this.#made.get(id);
    if (made === undefined) {
      made = this.#make(id);
      this.#made.set(id, made);
    }
    return made as Promise<Artifacts[Id]>;
  }

  async #make(id: keyof Artifacts): Promise<unknown> {
    const maker = makers[id] as unknown as Maker<keyof Artifacts, keyof Artifacts>;
    return maker.make(await this.pick(maker.needs), this.#context);
  }

  async pick<Id extends keyof Artifacts>(ids: readonly Id[]): Promise<Pick<Artifacts, Id>> {
    const entries: [string, unknown][] = [];
    for (const id of ids) entries.push([id, await this.get(id)]);
    return Object.fromEntries(entries) as Pick<Artifacts, Id>;
  }
}

async function judge(audit: Audit, artifacts: ArtifactStore, context: ExamContext): Promise<AuditRow> {
  const head = { id: audit.id, description: audit.description, learnMore: audit.learnMore };
  try {
    const finding: Finding = audit.audit((await artifacts.pick(audit.needs)) as Artifacts);
    const inWords = audit.inWords[finding.verdict];
    const failed = finding.verdict === "attention" || finding.verdict === "problem";
    return {
      ...head,
      verdict: finding.verdict,
      title: failed ? audit.failureTitle : audit.title,
      ...(inWords === undefined ? {} : { inWords }),
      summary: finding.summary,
      evidence: await Promise.all((finding.evidence ?? []).map((e) => encode(e, context))),
      ...(finding.figures === undefined ? {} : { figures: [...finding.figures] }),
      ...(finding.remedy === undefined ? {} : { remedy: finding.remedy }),
    };
  } catch (error) {
    context.signal?.throwIfAborted();
    return {
      ...head,
      verdict: "error",
      title: audit.title,
      inWords: NOT_JUDGED,
      summary: `Could not be judged: ${(error as Error).message}`,
      evidence: [],
    };
  }
}

const NOT_JUDGED = "This could not be found out, as something went wrong.";

async function encode(evidence: Evidence, { encodePng }: ExamContext): Promise<ResultEvidence> {
  if (evidence.kind !== "picture") return evidence;
  const { width, height } = evidence.image;
  return {
    kind: "picture",
    caption: evidence.caption,
    width,
    height,
    png: toBase64(await encodePng(evidence.image)),
  };
}

function toBase64(bytes: Uint8Array): string {
  const CHUNK = 0x8000;
  let text = "";
  for (let i = 0; i < bytes.length; i += CHUNK) text += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return btoa(text);
}

const factRows = (facts: Artifacts["facts"]): { name: string; value: string }[] => [
  { name: "input", value: facts.input },
  { name: "preprocessing", value: `${facts.preprocessing} (${facts.preprocessingOrigin})` },
  { name: "scores", value: facts.logits },
  {
    name: "feature layer",
    value: facts.layer === undefined ? "none" : `${facts.layer} (${facts.layerGrid?.join("x")} cells)`,
  },
  {
    name: "graph",
    value: `${facts.nodes} nodes, ${(facts.parameters / 1e6).toFixed(2)} M parameters, opset ${facts.opset}`,
  },
];
