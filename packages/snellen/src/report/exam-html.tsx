// The exam as one self-contained page, made from the result JSON and nothing else.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { ExamResult } from "../exam/result.ts";
import { ExamReport, examTitle } from "./components/exam-report.tsx";
import { page } from "./page.ts";

/**
 * The exam as one HTML page that needs no other file.
 * @param exam its texts may hold anything
 * @throws InternalError for a plot with a coordinate that is not a finite number
 */
export const examHtml = (exam: ExamResult): string => page(examTitle(exam), <ExamReport exam={exam} />);
