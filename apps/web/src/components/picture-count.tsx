// How many of the pictures something runs on.
import type { Signal } from "@preact/signals";
import { pictures } from "../state/pictures.ts";
import { Slider } from "./slider.tsx";

/** @param n at most so many; more than there are stands for all */
export function PictureCount({ n }: { readonly n: Signal<number> }) {
  const { length } = pictures.value.list;
  const taken = Math.min(n.value, length);
  return (
    <Slider
      label="Pictures"
      value={taken}
      min={1}
      max={length}
      step={1}
      text={`${taken} of ${length}`}
      onInput={(value) => {
        n.value = value;
      }}
    />
  );
}
