// The pictures that are there, as the page shows them, and which of them is looked at.
import { batch, signal } from "@preact/signals";
import type { ListedImage, ListedImages } from "../worker/handlers/images.ts";

export interface Picture extends ListedImage {
  /** For an `img`. */
  readonly url: string;
}

export interface Pictures {
  readonly name: string;
  readonly labelsFrom: string;
  readonly list: readonly Picture[];
}

export const NO_PICTURES: ListedImages = { name: "", labelsFrom: "none", images: [] };

export const pictures = signal<Pictures>({ name: "", labelsFrom: "none", list: [] });
export const selected = signal(0);

/** Takes a worker's list in place of the one before. */
export function show({ name, labelsFrom, images }: ListedImages): void {
  const before = pictures.value.list;
  batch(() => {
    pictures.value = {
      name,
      labelsFrom,
      list: images.map((image) => ({ ...image, url: URL.createObjectURL(image.file) })),
    };
    selected.value = Math.min(selected.value, Math.max(0, images.length - 1));
  });
  for (const { url } of before) URL.revokeObjectURL(url);
}
