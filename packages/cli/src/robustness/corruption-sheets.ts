// Contact sheets of corrupted pictures: a row a corruption, a column a severity.
import {
  type CorruptedCondition,
  conditionKey,
  contactSheet,
  type Image,
  type Picture,
  type SheetCell,
  scalePicture,
} from "snellen";
import { encodePng, writeFileAtomic } from "snellen/node";

/** Longer side of a sheet's pictures, in pixels. */
const CELL = 160;

export interface Corrupted extends CorruptedCondition {
  readonly clean: Image;
  readonly corrupted: Image;
}

/** Sheets of pictures that come one condition after another; each is written as soon as its last one is there. */
export interface CorruptionSheets {
  /** What was written. */
  readonly files: readonly string[];
  /** @param path where the sheet goes, without its number and ending */
  add(picture: Corrupted, path: string): Promise<void>;
}

export function corruptionSheets(conditions: readonly CorruptedCondition[]): CorruptionSheets {
  const files: string[] = [];
  const cells = new Map<string, SheetCell>();
  return {
    files,
    add: async ({ clean, corrupted, ...condition }, path) => {
      cells.set(conditionKey(condition), {
        picture: shown(corrupted),
        lines: [`severity ${condition.severity}`],
      });
      if (cells.size < conditions.length) return;
      const pages = draw(clean, conditions, cells);
      cells.clear();
      for (const [i, page] of pages.entries()) {
        const file = pages.length === 1 ? `${path}.png` : `${path}-${i + 1}.png`;
        await writeFileAtomic(file, await encodePng(page));
        files.push(file);
      }
    },
  };
}

function draw(
  clean: Image,
  conditions: readonly CorruptedCondition[],
  cells: ReadonlyMap<string, SheetCell>,
): Picture[] {
  const corruptions = [...new Set(conditions.map(({ corruption }) => corruption))];
  const severities = [...new Set(conditions.map(({ severity }) => severity))];
  const picture = shown(clean);
  return contactSheet({
    title: clean.source,
    row: "corruption",
    column: "severity",
    columns: severities.map((severity) => `severity ${severity}`),
    rows: corruptions.map((corruption) => ({
      image: { picture, lines: [corruption] },
      cells: severities.map((severity) => cells.get(conditionKey({ corruption, severity }))),
    })),
    cellSize: CELL,
  });
}

const shown = (image: Image): Picture => scalePicture(image, CELL);
