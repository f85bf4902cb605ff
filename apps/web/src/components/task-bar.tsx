// A button that starts long work, and while it runs its progress and a button that stops it.
import type { ComponentChildren } from "preact";
import type { StepProgress } from "../worker/handler.ts";
import type { Failure } from "../worker/protocol.ts";
import { FailureNotice } from "./failure-notice.tsx";
import { Notes } from "./notes.tsx";
import { Progress } from "./progress.tsx";

interface TaskBarProps {
  readonly label: string;
  /** What `useTask` gives. */
  readonly task: {
    readonly isRunning: boolean;
    readonly failure: Failure | null;
    readonly notes: readonly string[];
    readonly stop: () => void;
  };
  /** Null before the first word. */
  readonly progress: StepProgress | null;
  readonly onRun: () => void;
  /** Choices beside the button. */
  readonly children?: ComponentChildren;
}

export const TaskBar = ({ label, task, progress, onRun, children }: TaskBarProps) => (
  <div class="task">
    <div class="controls">
      {children}
      {task.isRunning ? (
        <button type="button" class="stop" onClick={task.stop}>
          Stop
        </button>
      ) : (
        <button type="button" class="primary" onClick={onRun}>
          {label}
        </button>
      )}
      {task.isRunning && <Progress progress={progress} />}
    </div>
    {task.failure !== null && <FailureNotice failure={task.failure} />}
    <Notes notes={task.notes} />
  </div>
);
