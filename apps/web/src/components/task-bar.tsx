// A button that starts long work, and while it runs its progress and a button that stops it.
import type { ComponentChildren } from "preact";
import type { Failure } from "../worker/protocol.ts";
import { FailureNotice } from "./failure-notice.tsx";

interface TaskBarProps {
  readonly label: string;
  readonly isRunning: boolean;
  /** Share done, 0 to 1; null where nobody knows. */
  readonly done: number | null;
  readonly step?: string;
  readonly failure: Failure | null;
  readonly onRun: () => void;
  readonly onStop: () => void;
  readonly isDisabled?: boolean;
  /** Choices beside the button. */
  readonly children?: ComponentChildren;
}

export function TaskBar(props: TaskBarProps) {
  const { label, isRunning, done, step, failure, onRun, onStop, isDisabled, children } = props;
  return (
    <div class="task">
      <div class="controls">
        {children}
        {isRunning ? (
          <button type="button" class="stop" onClick={onStop}>
            Stop
          </button>
        ) : (
          <button type="button" class="primary" onClick={onRun} disabled={isDisabled}>
            {label}
          </button>
        )}
        {isRunning && (
          <span class="progress">
            <progress aria-label={step ?? label} {...(done === null ? {} : { value: done })} max={1} />
            <span class="soft">
              {step} {done === null ? "" : `${Math.round(100 * done)} %`}
            </span>
          </span>
        )}
      </div>
      {failure !== null && <FailureNotice failure={failure} />}
    </div>
  );
}
