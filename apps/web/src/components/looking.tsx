// That a picture is looked at, how far that is, and a way to stop it: shown only where it takes a while.
import type { Look } from "../state/use-look.ts";
import { Progress } from "./progress.tsx";

export const Looking = ({ look: { isBusy, progress, stop } }: { readonly look: Look }) =>
  isBusy ? (
    <span class="late progress">
      <Progress progress={progress} />
      <button type="button" class="stop" onClick={stop}>
        Stop
      </button>
    </span>
  ) : null;
