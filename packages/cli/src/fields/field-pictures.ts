// The files of one field: R as numbers, pictures of it, its profile and how it converged.
import { join } from "node:path";
import {
  BRIGHTNESS,
  brightness,
  captioned,
  contributions,
  type FieldMap,
  type FieldSummary,
  fieldMarks,
  fieldPicture,
  logPicture,
  profilePlot,
  type SummaryContext,
} from "snellen";
import { encodePng, ensureFolder, writeFileAtomic, writeNpy } from "snellen/node";
import { sizeText } from "../size-text.ts";
import { writePlot } from "../write-plot.ts";
import { convergencePlot } from "./field-plots.ts";
import { PROGRESS_FILE } from "./field-run.ts";

interface DrawnField {
  readonly summary: FieldSummary;
  readonly map: FieldMap;
}

const FILES = {
  field: "erf.npy",
  picture: "erf.png",
  logPicture: "erf-log.png",
  profile: "profile.svg",
  convergence: "convergence.svg",
} as const;

/** What the command itself writes beside folders of layers and models; none of those may be called so. */
export const RESERVED_NAMES: readonly string[] = [
  ...Object.values(FILES),
  "erf.json",
  "erf.csv",
  "size-accuracy.svg",
  PROGRESS_FILE,
];

/** Writes them and returns their names by what they are. */
export async function drawField(
  folder: string,
  { summary, map }: DrawnField,
  { accumulation, colours }: SummaryContext,
): Promise<Record<string, string>> {
  await ensureFolder(folder);
  const save = (name: string, content: string | Uint8Array) => writeFileAtomic(join(folder, name), content);
  const logs = logPicture(contributions(map, accumulation, summary.channels, colours));
  await writeNpy(join(folder, FILES.field), { shape: map.dims, values: Float32Array.from(map.values) });
  const picture = fieldPicture(brightness(map.values), map.dims, fieldMarks(summary));
  await save(FILES.picture, await encodePng(captioned(picture, captionOf(summary))));
  const inUnit = [`log10(R + 1) in RepLKNet's unit, ${summary.n} images`];
  await save(FILES.logPicture, await encodePng(captioned(fieldPicture(logs, map.dims), inUnit)));
  await writePlot(folder, FILES.profile, profilePlot(summary));
  await writePlot(folder, FILES.convergence, convergencePlot(summary.layer, summary.convergence));
  return FILES;
}

const fixed = (value: number | null, digits = 1): string => (value === null ? "?" : value.toFixed(digits));

function captionOf({ layer, n, converged, sigmaX, sigmaY, r2, theoretical }: FieldSummary): string[] {
  const size = converged
    ? `σ ${fixed(sigmaX)} x ${fixed(sigmaY)} px (x, y), R² ${fixed(r2, 2)}`
    : "no Gaussian fits";
  return [`${layer}, ${n} images`, `${size}; theoretical ${sizeText(theoretical?.size)} px`, BRIGHTNESS];
}
