// snellen/report: the components of reports, to be mounted in an app, and their stylesheet. Nothing here runs a model or pulls in a
// method; what a page of its own needs (examHtml and its like) is exported by snellen itself.
export { AuditSection, type AuditSectionProps } from "./components/audit-section.tsx";
export { Bars } from "./components/bars.tsx";
export {
  ComparisonReport,
  type ComparisonReportProps,
  comparisonTitle,
} from "./components/comparison-report.tsx";
export { DataTable } from "./components/data-table.tsx";
export { DocumentReport } from "./components/document-report.tsx";
export { Evidence, EvidenceList } from "./components/evidence.tsx";
export { ExamReport, type ExamReportProps, examTitle } from "./components/exam-report.tsx";
export { LinePlot } from "./components/line-plot.tsx";
export { Picture, type PictureData } from "./components/picture.tsx";
export { Remedy, type RemedyAction } from "./components/remedy.tsx";
export { RobustnessReport } from "./components/robustness-report.tsx";
export { VerdictMark } from "./components/verdict-mark.tsx";
export { REPORT_STYLE } from "./style.ts";
export { byVerdict, plainWords, VERDICTS, verdictCounts } from "./verdicts.ts";
