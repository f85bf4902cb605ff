// Contact sheets of corrupted pictures: a row a corruption, a column a severity.
import { contactSheet, type Image, type Picture, type Severity, type SheetCell, scalePicture } from "snellen";
import { encodePng, writeFileAtomic } from "snellen/node";

/** Longer side of a sheet's pictures, in pixels. */
const CELL = 160;

/** What is done to a picture. */
export interface Condition {
  /** The corruption's id. */
  readonly corruption: string;
  readonly severity: Severity;
}

export interface Corrupted extends Condition {
  readonly clean: Image;
  readonly corrupted: Image;
}

/** Sheets of pictures that come one condition after another; each is written as soon as its last one is there. */
export class CorruptionSheets {
  /** What was written. */
  readonly files: string[] = [];
  private readonly conditions: readonly Condition[];
  private cells = new Map<string, SheetCell>();

  constructor(conditions: readonly Condition[]) {
    this.conditions = conditions;
  }

  /** @param path where the sheet goes, without its number and ending */
  async add({ clean, corrupted, ...condition }: Corrupted, path: string): Promise<void> {
    this.cells.set(keyOf(condition), {
      picture: shown(corrupted),
      lines: [`severity ${condition.severity}`],
    });
    if (this.cells.size < this.conditions.length) return;
    const pages = this.draw(clean);
    this.cells = new Map();
    for (const [i, page] of pages.entries()) {
      const file = pages.length === 1 ? `${path}.png` : `${path}-${i + 1}.png`;
      await writeFileAtomic(file, await encodePng(page));
      this.files.push(file);
    }
  }

  private draw(clean: Image): Picture[] {
    const corruptions = [...new Set(this.conditions.map(({ corruption }) => corruption))];
    const severities = [...new Set(this.conditions.map(({ severity }) => severity))];
    const picture = shown(clean);
    return contactSheet({
      title: clean.source,
      row: "corruption",
      column: "severity",
      columns: severities.map((severity) => `severity ${severity}`),
      rows: corruptions.map((corruption) => ({
        image: { picture, lines: [corruption] },
        cells: severities.map((severity) => this.cells.get(keyOf({ corruption, severity }))),
      })),
      cellSize: CELL,
    });
  }
}

const keyOf = ({ corruption, severity }: Condition): string => `${corruption} ${severity}`;

const shown = (image: Image): Picture => scalePicture(image, CELL);
