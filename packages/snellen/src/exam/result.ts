// The exam's result: one versioned JSON that every renderer (terminal, HTML, web) takes. Published contract: fields are added,
// never changed; `version` rises when that rule must be broken. Imported on demand where values are needed: zod loads slowly.
import * as z from "zod/mini";
import { IN_ENGLISH } from "../zod-messages.ts";

/** Version of the exam's JSON; it rises only when fields are changed, not when some are added. */
export const EXAM_VERSION = 1;

const cell = z.union([z.string(), z.number(), z.null()]);

const tableSchema = z.object({
  kind: z.literal("table"),
  caption: z.string(),
  columns: z.array(
    z.object({
      title: z.string(),
      /** Decimal places of numbers. */
      digits: z.optional(z.int()),
      unit: z.optional(z.string()),
    }),
  ),
  rows: z.array(z.array(cell)),
});

const barsSchema = z.object({
  kind: z.literal("bars"),
  caption: z.string(),
  /** What the axis shows, with its unit. */
  axis: z.string(),
  bars: z.array(
    z.object({
      label: z.string(),
      value: z.number(),
      low: z.optional(z.number()),
      high: z.optional(z.number()),
    }),
  ),
});

const pictureSchema = z.object({
  kind: z.literal("picture"),
  caption: z.string(),
  width: z.int(),
  height: z.int(),
  /** PNG, base64. */
  png: z.string(),
});

const axisSchema = z.object({
  /** What it shows, with its unit. */
  title: z.string(),
  /** Default linear. */
  scale: z.optional(z.enum(["linear", "log"])),
});

const plotSchema = z.object({
  kind: z.literal("plot"),
  caption: z.string(),
  x: axisSchema,
  y: axisSchema,
  series: z.array(
    z.object({
      /** Shown where there are several; no two alike. */
      name: z.string(),
      /** [x, y] in the order of drawing. */
      points: z.array(z.tuple([z.number(), z.number()])),
      style: z.enum(["line", "points", "dashed"]),
    }),
  ),
});

const evidenceSchema = z.discriminatedUnion("kind", [tableSchema, barsSchema, pictureSchema, plotSchema]);

const intervalSchema = z.tuple([z.number(), z.number()]);

const figureSchema = z.object({
  /** A noun of its audit's; never changes once released. */
  id: z.string(),
  /** What it is, in words that stand by themselves. */
  name: z.string(),
  /** Null where this model has no such number. */
  value: z.nullable(z.number()),
  /** 95 %; absent or null where nothing tells it. */
  interval: z.optional(z.nullable(intervalSchema)),
  /** Of value and interval; empty where it has none. */
  unit: z.string(),
  /** Which way a repair should move it; null where neither is better. */
  better: z.nullable(z.enum(["lower", "higher"])),
  /**
   * Of a share: a character an image of the exam, in its order: `1` and `0` for what counts and what does not, `-` for no outcome. Models
   * that saw the same images are paired by it.
   */
  outcomes: z.optional(z.string()),
  /** This model less others of the same exam, on the images that both have. */
  paired: z.optional(
    z.object({
      /** What the others' figures call this model. */
      model: z.string(),
      differences: z.array(
        z.object({
          from: z.string(),
          value: z.number(),
          interval: z.nullable(intervalSchema),
          images: z.int(),
        }),
      ),
    }),
  ),
});

const rowSchema = z.object({
  id: z.string(),
  verdict: z.enum(["good", "attention", "problem", "informative", "notApplicable", "error"]),
  /** The title that holds: the passing or the failing one. */
  title: z.string(),
  /** What the verdict means for whoever uses the network, in a sentence without jargon; absent in files of earlier versions. */
  inWords: z.optional(z.string()),
  description: z.string(),
  learnMore: z.string(),
  summary: z.string(),
  evidence: z.array(evidenceSchema),
  /** Its key numbers, for setting models side by side. */
  figures: z.optional(z.array(figureSchema)),
  remedy: z.optional(z.string()),
});

/** Schema (zod) of the exam's JSON; `parseExam` checks by it. */
export const examSchema = z.object({
  version: z.literal(EXAM_VERSION),
  snellen: z.string(),
  /** ISO 8601. */
  date: z.string(),
  model: z.object({ name: z.string(), facts: z.array(z.object({ name: z.string(), value: z.string() })) }),
  images: z.object({
    name: z.string(),
    count: z.int(),
    skipped: z.array(z.object({ source: z.string(), reason: z.string() })),
  }),
  audits: z.array(rowSchema),
});

/** The exam of one model: what `exam.json` holds. Plain data. */
export type ExamResult = z.infer<typeof examSchema>;
/** What one audit found: a verdict, what it means in words, evidence, key numbers and what to do. */
export type AuditRow = z.infer<typeof rowSchema>;
/** A key number of an audit with its interval, for setting models side by side. */
export type Figure = z.infer<typeof figureSchema>;
/** What a verdict rests on: a table, bars, a picture (PNG in base64) or a plot. */
export type ResultEvidence = z.infer<typeof evidenceSchema>;
/** A table of evidence; a cell is text, a number, or null where there is none. */
export type Table = z.infer<typeof tableSchema>;
/** Bars from zero: a value each, with an interval where one is known. */
export type Bars = z.infer<typeof barsSchema>;
/** Series of points over two axes, each of them linear or logarithmic. */
export type Plot = z.infer<typeof plotSchema>;
/** A picture as an audit gives it; it is encoded when the result is written. */
export type Evidence =
  | Table
  | Bars
  | Plot
  | {
      readonly kind: "picture";
      readonly caption: string;
      readonly image: { readonly width: number; readonly height: number; readonly data: Uint8Array };
    };

/** Checks a result read from a file. @throws ZodError */
export const parseExam = (json: unknown): ExamResult => examSchema.parse(json, IN_ENGLISH);
