// A labelled box to tick.
import type { Signal } from "@preact/signals";

export const Check = ({ label, on }: { readonly label: string; readonly on: Signal<boolean> }) => (
  <label class="check">
    <input
      type="checkbox"
      checked={on.value}
      onChange={(event) => {
        on.value = event.currentTarget.checked;
      }}
    />
    {label}
  </label>
);
