// From a loaded model to a model file with heat maps as further outputs, and what people are told of it.
import { SnellenError, UsageError } from "@snellen/graph";
import { type ExportedOutput, exportCam, OPEN_TARGET } from "snellen";
import { type OpenedModel, readTargets, writeModelFile } from "snellen/node";
import type { CamFlags } from "../commands/cam.ts";
import { idsOf } from "../options.ts";
import { requireOtherFile } from "../other-file.ts";

/** What `snellen cam --export --json` prints. */
export interface ExportReport {
  readonly files: readonly string[];
  /** Name of the input that takes class indices; null without `--target input`. */
  readonly targetInput: string | null;
  /** Behind the model's own; `method` is null for what is the same with all of them. */
  readonly outputs: readonly (Omit<ExportedOutput, "method"> & { readonly method: string | null })[];
  readonly nodes: number;
  readonly notes: readonly string[];
}

/**
 * @param path the model's own file
 * @throws UsageError `output-is-input`, `output-not-writable`, `open-target`, and what `exportCam` throws
 */
export async function exportFile(
  model: OpenedModel,
  path: string,
  out: string,
  flags: CamFlags,
): Promise<ExportReport> {
  await requireOtherFile(path, out, "export");
  refuseOpenTarget(flags);
  const method = idsOf(flags.method);
  const target = flags.target && (await readTargets(model.info, flags.target));
  const exported = exportCam(model.info, { ...flags, method, target });
  const { readExternal } = model;
  const files = await writeModelFile(out, exported.model, { readExternal }).catch(nameFlag);
  return {
    files,
    targetInput: exported.targetInput ?? null,
    outputs: exported.outputs.map((output) => ({ ...output, method: output.method ?? null })),
    nodes: exported.model.graph.nodes.length,
    notes: exported.notes,
  };
}

/** With images, maps are made by the same flags, and these have nobody to choose a class. */
function refuseOpenTarget({ images, target = [] }: CamFlags): void {
  if (images === undefined || !target.includes(OPEN_TARGET)) return;
  throw new UsageError("open-target", "leaves the class open, which maps of images cannot do.", {
    where: `--target ${OPEN_TARGET}`,
    hint: "Export without --images.",
  });
}

/** Writing a file does not know the flag that its path came from. */
function nameFlag(error: unknown): never {
  if (!(error instanceof SnellenError) || error.code !== "output-not-writable") throw error;
  throw new UsageError(error.code, error.what, {
    where: error.where,
    hint: "Give another --export.",
    cause: error.cause,
  });
}

export function exportText({ files, targetInput, outputs, nodes }: ExportReport): string {
  const input =
    targetInput === null
      ? []
      : [`  takes ${targetInput}: int64 [N], class indices, or -k for the k-th highest score`];
  const lines = outputs.map(({ name, holds, method, target }) =>
    `  ${name}: ${holds} of ${target} ${method === null ? "" : `by ${method}`}`.trimEnd(),
  );
  return [`${files.join(" and ")} (${nodes} nodes)`, ...input, ...lines].join("\n");
}
