// The page: what is open above, the steps on the side, the pictures below them; files may be dropped anywhere.
import { useSignal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import { useEffect } from "preact/hooks";
import { Camera, hasCamera } from "./components/camera.tsx";
import { FailureNotice } from "./components/failure-notice.tsx";
import { ImageStrip } from "./components/image-strip.tsx";
import { ModelPicker, PicturePickers } from "./components/open-buttons.tsx";
import { problem } from "./state/problem.ts";
import { model, openExample, openedExam, opening } from "./state/session.ts";
import { STEPS, type StepId, step } from "./state/steps.ts";
import { filesOfDrop, takeFiles } from "./state/take-files.ts";
import { Exam } from "./steps/exam.tsx";
import { Field } from "./steps/field.tsx";
import { Inspect } from "./steps/inspect.tsx";
import { Look } from "./steps/look.tsx";
import { Mend } from "./steps/mend.tsx";
import { Norms } from "./steps/norms.tsx";
import { Stress } from "./steps/stress.tsx";

const VIEWS: Readonly<Record<StepId, FunctionComponent>> = {
  inspect: Inspect,
  look: Look,
  field: Field,
  stress: Stress,
  norms: Norms,
  mend: Mend,
  exam: Exam,
};

export function App() {
  const isOver = useDrops();
  const isOpen = model.value !== null || openedExam.value !== null;
  return (
    <div class={`app report ${isOver ? "dropping" : ""}`}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header />
      {problem.value !== null && (
        <FailureNotice title={problem.value.title} failure={problem.value.failure} />
      )}
      {opening.value !== null && <Opening />}
      {isOpen ? <Workbench /> : <Landing />}
      {isOver && <p class="drop-hint">Drop a model, pictures or an exam.json</p>}
    </div>
  );
}

/** Takes what is dropped anywhere. @returns whether something is held over the page */
function useDrops(): boolean {
  const isOver = useSignal(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      event.preventDefault();
      isOver.value = true;
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) isOver.value = false;
    };
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      isOver.value = false;
      if (event.dataTransfer !== null) void filesOfDrop(event.dataTransfer).then(takeFiles);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, []);
  return isOver.value;
}

const Header = () => (
  <header class="top">
    <p class="brand">
      <strong>Snellen</strong>{" "}
      {model.value?.name ?? openedExam.value?.model.name ?? "eye exams for vision networks"}
    </p>
    <div class="controls">
      <ModelPicker />
      {model.value !== null && <PicturePickers />}
      {model.value !== null && hasCamera() && <Camera />}
    </div>
  </header>
);

const Opening = () => (
  <p class="notice" role="status">
    {opening.value?.name}: {opening.value?.step}…{" "}
    <progress max={1} value={opening.value?.done} aria-label="opening" />
  </p>
);

const EXAMPLES = [
  { name: "optotypes-cnn.onnx", text: "A small convolutional network that reads letters" },
  { name: "optotypes-vit.onnx", text: "A small vision transformer that reads letters" },
] as const;

const Landing = () => (
  <main id="main" class="landing">
    <h1>What does your network see, where is it blind, and how do you mend it?</h1>
    <p>
      Drop an ONNX model here, with its <code>.data</code> file where it has one, and pictures or a folder of
      them. Or an <code>exam.json</code> that was made before. Nothing leaves this machine: everything runs in
      this page.
    </p>
    <h2>No model at hand?</h2>
    <ul class="examples">
      {EXAMPLES.map(({ name, text }) => (
        <li key={name}>
          <button type="button" onClick={() => void openExample(name)}>
            <strong>{name}</strong>
            <span>{text}</span>
          </button>
        </li>
      ))}
    </ul>
  </main>
);

function Workbench() {
  const visited = useSignal<ReadonlySet<StepId>>(new Set());
  const now = model.value === null ? "exam" : step.value;
  const all = visited.value.has(now) ? visited.value : new Set([...visited.value, now]);
  useEffect(() => {
    visited.value = all;
  }, [now]);
  return (
    <div class="workbench">
      {model.value !== null && (
        <nav class="steps" aria-label="Steps of the exam">
          <ol>
            {STEPS.map(({ id, title, question }) => (
              <li key={id}>
                <a href={`#${id}`} aria-current={id === now ? "step" : undefined}>
                  <strong>{title}</strong>
                  <span>{question}</span>
                </a>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <main id="main" tabIndex={-1}>
        {model.value !== null && <ImageStrip />}
        {STEPS.filter(({ id }) => all.has(id)).map(({ id, title, question }) => {
          const View = VIEWS[id];
          // what was measured stays, and what runs goes on, while another step is looked at
          return (
            <div key={id} hidden={id !== now}>
              {(id !== "exam" || openedExam.value === null) && (
                <h1>
                  {title}: <small>{question}</small>
                </h1>
              )}
              <View />
            </div>
          );
        })}
      </main>
    </div>
  );
}
