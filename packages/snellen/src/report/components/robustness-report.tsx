// The robustness benchmark: its document, with curves and heat maps in place of their tables.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from "preact";
import type { RobustnessResult } from "../../robustness/figures/result-types.ts";
import { type RobustnessDrawing, robustnessDocument } from "../robustness.ts";
import { DocumentFrame, DocumentPart } from "./document-report.tsx";
import { EvidenceList } from "./evidence.tsx";
import { SeverityCurves } from "./severity-curves.tsx";
import { SeverityHeatMap } from "./severity-heat-map.tsx";

interface ResultProps {
  /** Its names may hold anything. */
  readonly result: RobustnessResult;
}

/** What the robustness benchmark found, with curves and heat maps, from its result alone. */
export function RobustnessReport({ result }: ResultProps): JSX.Element {
  const { title, intro, sections } = robustnessDocument(result);
  return (
    <DocumentFrame title={title} intro={intro}>
      {sections.map(({ drawing, evidence, ...section }) => {
        const Drawing = drawing && DRAWINGS[drawing];
        return (
          <DocumentPart key={section.title} title={section.title} text={section.text}>
            {Drawing === undefined ? <EvidenceList evidence={evidence} /> : <Drawing result={result} />}
          </DocumentPart>
        );
      })}
    </DocumentFrame>
  );
}

const HeatMaps = ({ result }: ResultProps): JSX.Element => (
  <div class="gallery">
    {result.models.map((model, i) => (
      <SeverityHeatMap key={i} model={model} />
    ))}
  </div>
);

const DRAWINGS: Readonly<Record<RobustnessDrawing, (props: ResultProps) => JSX.Element>> = {
  curves: SeverityCurves,
  "heat-maps": HeatMaps,
};
