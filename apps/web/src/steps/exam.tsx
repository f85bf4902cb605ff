// The whole report: of the open model, made here, or of a file that was made before.
import { ExamReport } from "snellen/report";
import { type ExamResult, examHtml } from "snellen/web";
import { NeedsPictures } from "../components/needs-pictures.tsx";
import { CopyButton, SaveButton, saveJson, saveText } from "../components/save.tsx";
import { TaskBar } from "../components/task-bar.tsx";
import { pictures } from "../state/pictures.ts";
import { model, openedExam } from "../state/session.ts";
import { STEPS, type StepId } from "../state/steps.ts";
import { useTask } from "../state/use-task.ts";

export function Exam() {
  const task = useTask("exam");
  const opened = openedExam.value;
  if (opened !== null)
    return (
      <>
        {model.value !== null && (
          <button
            type="button"
            onClick={() => {
              openedExam.value = null;
            }}
          >
            Back to {model.value.name}
          </button>
        )}
        <Report exam={opened} />
      </>
    );
  if (model.value === null) return null;
  if (pictures.value.list.length === 0) return <NeedsPictures what="to examine the network on" />;
  return (
    <>
      <TaskBar label="Examine" task={task} progress={task.progress} onRun={() => void task.run({})} />
      {task.result === null ? (
        <p class="soft">
          Every audit, as <code>snellen exam</code> makes it: heat maps, fields, dead pixels, corruptions,
          normalizations. Some minutes for a network of ResNet-50's size.
        </p>
      ) : (
        <Report exam={task.result} />
      )}
    </>
  );
}

/** What the page has in place of a command. */
const HERE: readonly (readonly [RegExp, StepId])[] = [
  [/^snellen fix /, "mend"],
  [/^snellen (robustness|corrupt) /, "stress"],
  [/^snellen (groups|gammas) /, "norms"],
  [/^snellen cam /, "look"],
];

function Remedy({ command }: { readonly command: string }) {
  const here = HERE.find(([pattern]) => pattern.test(command))?.[1];
  const isOpen = model.value !== null && openedExam.value === null;
  return (
    <>
      <CopyButton text={command} />
      {isOpen && here !== undefined && (
        <a href={`#${here}`}>or here, under {STEPS.find(({ id }) => id === here)?.title}</a>
      )}
    </>
  );
}

function Report({ exam }: { readonly exam: ExamResult }) {
  const stem = exam.model.name.replace(/\.onnx$/i, "");
  return (
    <>
      <div class="controls">
        <SaveButton
          label="Save as HTML"
          onSave={() => saveText(examHtml(exam), `${stem}-exam.html`, "text/html")}
        />
        <SaveButton label="Save as JSON" onSave={() => saveJson(exam, `${stem}-exam.json`)} />
      </div>
      <ExamReport exam={exam} remedyAction={(command) => <Remedy command={command} />} />
    </>
  );
}
