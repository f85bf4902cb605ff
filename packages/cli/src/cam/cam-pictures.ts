// Pictures of heat maps as the flags want them: one a map, and contact sheets of a dozen images each.
import { join } from "node:path";
import {
  type CamMap,
  type ColorMap,
  camMethod,
  colorMap,
  contactSheet,
  type OverlayOptions,
  overlay,
  PAGE_ROWS,
  type Picture,
  type Scale,
  type SheetMap,
  type SheetRow,
  scale,
  sheetCell,
  sunset,
} from "snellen";
import { encodePng, writeFileAtomic } from "snellen/node";
import { targetLabel } from "../output-names.ts";

export interface PictureFlags {
  readonly opacity: number;
  readonly scale: string;
  readonly colorMap?: string;
  readonly contour?: boolean;
  readonly signed?: boolean;
}

/** How maps are drawn: resolved once, so that a mistake is found before anything is run. */
export interface Drawing {
  readonly scale: Scale;
  readonly colors: ColorMap;
  readonly options: OverlayOptions;
}

/** Shares of full colour at which contours are drawn. */
const CONTOURS = [0.25, 0.5, 0.75];

/** @throws UsageError `unknown-scale`, `unknown-color-map` */
export function drawingOf(flags: PictureFlags): Drawing {
  const signed = flags.signed === true;
  const colors = flags.colorMap === undefined && signed ? sunset : colorMap(flags.colorMap ?? "cividis");
  const contour = flags.contour === true ? CONTOURS : [];
  return {
    scale: scale(flags.scale),
    colors,
    options: { colorMap: colors, opacity: flags.opacity, signed, contour },
  };
}

/** The map over what the network saw, and what its full colour stands for. */
export function drawMap(picture: Picture, map: CamMap, { scale, options }: Drawing) {
  const { low, high, caption, dark } = scale.range(map, options.signed === true);
  return { image: overlay(picture, map.map, { ...options, low, high }), caption, dark };
}

/** What a sheet needs of a map. */
export type ShownMap = SheetMap & Pick<CamMap, "target">;

/** Rows of a sheet as their images are done; every full page is written at once, so that few are in memory. */
export class SheetWriter {
  readonly #folder: string;
  readonly #drawing: Drawing;
  readonly #all: number;
  readonly #columns: readonly string[];
  #rows: SheetRow[] = [];
  #before = 0;
  readonly files: string[] = [];

  /** @param all how many images there will be; @param columns a heading a map of an image */
  constructor(folder: string, drawing: Drawing, all: number, columns: readonly string[]) {
    this.#folder = folder;
    this.#drawing = drawing;
    this.#all = all;
    this.#columns = columns;
  }

  async add(name: string, picture: Picture, maps: readonly ShownMap[]): Promise<void> {
    const { options, scale } = this.#drawing;
    this.#rows.push({
      image: { picture, lines: [name] },
      cells: maps.map((map) => sheetCell(picture, map, { ...options, scale, label: labelOf(map) })),
    });
    if (this.#rows.length === PAGE_ROWS) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#rows.length === 0) return;
    const part = { before: this.#before, all: this.#all };
    const { colors } = this.#drawing;
    for (const page of contactSheet({ columns: this.#columns, rows: this.#rows, colorMap: colors, part })) {
      const file = `sheet-${this.files.length + 1}.png`;
      await writeFileAtomic(join(this.#folder, file), await encodePng(page));
      this.files.push(file);
    }
    this.#before += this.#rows.length;
    this.#rows = [];
  }
}

const labelOf = ({ className, classIndex, target }: ShownMap): string =>
  targetLabel(target, className ?? `class ${classIndex}`);

/** A column's heading: the method's title, and the target where there are several. */
export const headings = (methods: readonly string[], targets: readonly string[]): string[] =>
  methods.flatMap((id) =>
    targets.map((target) => (targets.length > 1 ? `${camMethod(id).title}, ${target}` : camMethod(id).title)),
  );
