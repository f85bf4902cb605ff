// The robustness benchmark as one self-contained page, from its result and nothing else.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { RobustnessResult } from "../robustness/figures/result-types.ts";
import { RobustnessReport } from "./components/robustness-report.tsx";
import { page } from "./page.ts";
import { robustnessTitle } from "./robustness.ts";

/** One self-contained page, which fetches nothing; names of models and files may hold anything. */
export const robustnessHtml = (result: RobustnessResult): string =>
  page(robustnessTitle(result), <RobustnessReport result={result} />);
