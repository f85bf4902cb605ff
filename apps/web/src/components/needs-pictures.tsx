// What a step says that cannot begin without pictures.
import { usePictures } from "../state/session.ts";
import { PicturePickers } from "./open-buttons.tsx";

export const NeedsPictures = ({ what }: { readonly what: string }) => (
  <div class="notice">
    <p>
      There are no pictures {what} yet. Drop some anywhere on this page, a folder with a folder for each class
      is best.
    </p>
    <div class="controls">
      <PicturePickers />
      <button type="button" onClick={() => void usePictures("optotypes")}>
        Draw letters instead
      </button>
    </div>
  </div>
);
