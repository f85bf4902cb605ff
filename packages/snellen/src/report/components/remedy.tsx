// A command to copy. A page has no script: a click selects all of it. An app may put a button of its own beside it.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { ComponentChildren, JSX } from "preact";

/** What an app puts beside a command, such as a button that copies it. */
export type RemedyAction = (command: string) => ComponentChildren;

interface RemedyProps {
  readonly title: string;
  readonly command: string;
  readonly action?: RemedyAction;
}

/** A command to copy, below words on what it is for. */
export const Remedy = ({ title, command, action }: RemedyProps): JSX.Element => (
  <div class="remedy">
    <p>
      {title}
      {/<\w+>/.test(command) && (
        <span class="soft"> (put your own in place of what stands in angle brackets)</span>
      )}
    </p>
    <div class="command">
      <pre>
        <code>{command}</code>
      </pre>
      {action?.(command)}
    </div>
  </div>
);
