// Buttons that save a file to the user's disk, and that copy text.
import { useSignal } from "@preact/signals";

export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // the browser reads it after this turn
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export const saveText = (text: string, name: string, type: string): void =>
  save(new Blob([text], { type }), name);

export const saveJson = (value: unknown, name: string): void =>
  saveText(`${JSON.stringify(value, null, 1)}\n`, name, "application/json");

interface SaveButtonProps {
  readonly label: string;
  readonly onSave: () => void | Promise<void>;
}

export const SaveButton = ({ label, onSave }: SaveButtonProps) => (
  <button type="button" onClick={() => void onSave()}>
    {label}
  </button>
);

const SAID_MS = 2000;

export function CopyButton({ text }: { readonly text: string }) {
  const isDone = useSignal(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    isDone.value = true;
    setTimeout(() => {
      isDone.value = false;
    }, SAID_MS);
  };
  return (
    <button type="button" class="copy" onClick={() => void copy()}>
      <span aria-live="polite">{isDone.value ? "Copied" : "Copy"}</span>
    </button>
  );
}
