// A page of results as one self-contained HTML document.
/** @jsxRuntime automatic @jsxImportSource preact */
import { DocumentReport } from "./components/document-report.tsx";
import type { Document } from "./document.ts";
import { page } from "./page.ts";

/** One self-contained page; texts may hold anything. @throws InternalError for a plot with a coordinate that is not a finite number */
export const documentHtml = (document: Document): string =>
  page(document.title, <DocumentReport document={document} />);
