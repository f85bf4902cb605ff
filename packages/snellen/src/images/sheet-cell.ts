// One heat map on a contact sheet: the picture with the map over it, and the numbers that go below.
import type { CamMap } from "../cam/cam-map.ts";
import { type OverlayOptions, overlay, type Picture } from "./overlay.ts";
import { conservative, type Scale } from "./scale.ts";
import { scaleMap, scalePicture } from "./scale-picture.ts";

/** A picture with the words below it. */
export interface SheetCell {
  readonly picture: Picture;
  /** Each is broken into two lines at most. */
  readonly lines: readonly string[];
  /** What the reader must not miss; in another colour. */
  readonly note?: string;
}

/** What a cell needs of a heat map. */
export type SheetMap = Pick<
  CamMap,
  | "map"
  | "cells"
  | "unit"
  | "score"
  | "conservative"
  | "className"
  | "classIndex"
  | "sum"
  | "conservationError"
  | "warnings"
>;

/** As of `overlay`, but that the picture is grey unless `grey` is false: on a sheet, its colours stand beside it. */
export interface SheetCellOptions extends Omit<OverlayOptions, "low" | "high"> {
  /** What full colour stands for; default `conservative`. */
  readonly scale?: Scale;
  /** Longer side in pixels; default 224. */
  readonly size?: number;
  /** What is explained; default the class's name. */
  readonly label?: string;
}

/** Longer side of a cell's picture, in pixels. */
export const CELL_SIZE = 224;

/**
 * Draws a map over its picture at the size of a sheet's cell, with class, score, sum, how far the sum misses the score, and
 * what full colour stands for.
 * @param picture what the network saw, of the map's size
 */
export function sheetCell(picture: Picture, map: SheetMap, options: SheetCellOptions = {}): SheetCell {
  const { scale = conservative, size = CELL_SIZE, label, signed = false } = options;
  const { low, high, caption, dark } = scale.range(map, signed);
  const shown = scalePicture(picture, size);
  const note = [...map.warnings, ...(dark === undefined ? [] : [dark])].at(0);
  return {
    picture: overlay(shown, scaleMap(map.map, shown.height, shown.width), {
      grey: true,
      ...options,
      low,
      high,
    }),
    lines: [label ?? map.className ?? `class ${map.classIndex}`, numbers(map), caption],
    ...(note !== undefined && { note }),
  };
}

function numbers({ unit, score, sum, conservationError }: SheetMap): string {
  const start = `score ${fixed(score)} · sum ${fixed(sum)}`;
  if (unit === "own") return `score ${fixed(score)} · own scale`;
  if (!Number.isFinite(conservationError)) return start;
  return `${start} · ${offBy(conservationError)}`;
}

/** Four significant digits, a true minus. */
const fixed = (value: number): string =>
  (value === 0 ? "0" : value.toPrecision(4)).replace("e+", "e").replaceAll("-", "−");

/** Below this share, sums in float32 differ anyway. */
const EXACT = 1e-5;

const offBy = (error: number): string =>
  error < EXACT ? "exact" : `${Number((100 * error).toPrecision(2))} % off`;
