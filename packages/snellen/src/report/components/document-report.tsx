// A page of results: headings, paragraphs and evidence, as experiments and score tables write them.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { ComponentChildren, JSX } from "preact";
import type { Document } from "../document.ts";
import { EvidenceList } from "./evidence.tsx";
import { Words } from "./words.tsx";

/** A page of results, from its data alone. */
export const DocumentReport = ({
  document: { title, intro, sections },
}: {
  readonly document: Document;
}): JSX.Element => (
  <DocumentFrame title={title} intro={intro}>
    {sections.map((section, i) => (
      <DocumentPart key={i} title={section.title} text={section.text}>
        <EvidenceList evidence={section.evidence} />
      </DocumentPart>
    ))}
  </DocumentFrame>
);

interface PartProps {
  readonly title: string;
  readonly text: readonly string[];
  readonly children: ComponentChildren;
}

export const DocumentPart = ({ title, text, children }: PartProps): JSX.Element => (
  <section>
    <h2>{title}</h2>
    <Paragraphs text={text} />
    {children}
  </section>
);

interface FrameProps {
  readonly title: string;
  readonly intro: readonly string[];
  readonly children: ComponentChildren;
}

/** The title, what it is about, and the parts below. */
export const DocumentFrame = ({ title, intro, children }: FrameProps): JSX.Element => (
  <div class="report">
    <header>
      <h1>{title}</h1>
      <Paragraphs text={intro} />
    </header>
    <div id="results" tabIndex={-1}>
      {children}
    </div>
  </div>
);

const Paragraphs = ({ text }: { readonly text: readonly string[] }): JSX.Element => (
  <>
    {text.map((words, i) => (
      <p key={i}>
        <Words>{words}</Words>
      </p>
    ))}
  </>
);
