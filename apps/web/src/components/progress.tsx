// How far a call is, as a bar with the step's name.
import type { StepProgress } from "../worker/handler.ts";

/** @param progress null before the first word; without a share nobody knows how far it is */
export function Progress({ progress }: { readonly progress: StepProgress | null }) {
  const step = progress?.step ?? "starting";
  return (
    <span class="progress">
      <progress aria-label={step} {...(progress === null ? {} : { value: progress.done })} max={1} />
      <span class="soft">
        {step}
        {progress === null ? "" : ` · ${Math.round(100 * progress.done)} %`}
      </span>
    </span>
  );
}
