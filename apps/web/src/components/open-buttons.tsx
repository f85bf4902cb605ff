// Ways to give files without dropping them: pickers of files and of a folder, and the camera.
import { filesOfInput, takeFiles } from "../state/take-files.ts";

interface PickerProps {
  readonly label: string;
  readonly accept?: string;
  readonly isFolder?: boolean;
  readonly isPrimary?: boolean;
}

function Picker({ label, accept, isFolder, isPrimary }: PickerProps) {
  return (
    <label class={`button ${isPrimary ? "primary" : ""}`}>
      {label}
      <input
        type="file"
        multiple
        accept={accept}
        {...(isFolder ? { webkitdirectory: true } : {})}
        onChange={(event) => {
          const { files } = event.currentTarget;
          if (files !== null) void takeFiles(filesOfInput(files));
          // the same file may be chosen again
          event.currentTarget.value = "";
        }}
      />
    </label>
  );
}

export const ModelPicker = () => <Picker label="Open a model…" isPrimary />;

export const PicturePickers = () => (
  <>
    <Picker label="Pictures…" accept="image/*" />
    <Picker label="Folder of pictures…" isFolder />
  </>
);
