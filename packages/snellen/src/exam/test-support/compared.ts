// Made-up exams for tests of comparisons: audits with figures and nothing else.
import type { AuditRow, ExamResult, Figure } from "../result.ts";

export const figureOf = (id: string, value: number | null, changes: Partial<Figure> = {}): Figure => ({
  id,
  name: `the ${id}`,
  unit: "%",
  better: "lower",
  value,
  ...changes,
});

export const auditRow = (
  id: string,
  figures: Figure[] | undefined,
  verdict: AuditRow["verdict"] = "good",
): AuditRow => ({
  id,
  verdict,
  title: "All is well",
  description: "Why",
  learnMore: "https://example.org",
  summary: "All is well.",
  evidence: [],
  ...(figures && { figures }),
});

export const examOf = (
  name: string,
  audits: AuditRow[],
  images: Partial<ExamResult["images"]> = {},
): ExamResult => ({
  version: 1,
  snellen: "0.1.0",
  date: "2026-11-23T00:00:00Z",
  model: { name, facts: [] },
  images: { name: "photos", count: 20, skipped: [], ...images },
  audits,
});
