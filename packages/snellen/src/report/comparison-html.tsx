// Exams side by side as one self-contained page, made from the comparison and nothing else.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { ExamComparison } from "../exam/comparison.ts";
import {
  ComparisonReport,
  type ComparisonReportProps,
  comparisonTitle,
} from "./components/comparison-report.tsx";
import { page } from "./page.ts";

/** One self-contained page; names may hold anything. */
export const comparisonHtml = (
  comparison: ExamComparison,
  { reports }: Pick<ComparisonReportProps, "reports"> = {},
): string =>
  page(comparisonTitle(comparison), <ComparisonReport comparison={comparison} reports={reports} />);
