// Code to copy or to save.
import { CopyButton, SaveButton, saveText } from "./save.tsx";

interface SnippetProps {
  readonly title: string;
  readonly text: string;
  readonly fileName: string;
}

export const Snippet = ({ title, text, fileName }: SnippetProps) => (
  <details class="snippet">
    <summary>{title}</summary>
    <div class="controls">
      <CopyButton text={text} />
      <SaveButton label={`Save ${fileName}`} onSave={() => saveText(text, fileName, "text/x-python")} />
    </div>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take the keyboard */}
    <pre tabIndex={0}>
      <code>{text}</code>
    </pre>
  </details>
);
