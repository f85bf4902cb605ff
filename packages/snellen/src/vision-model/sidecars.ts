// Config files that publishers put beside a model, such as Hugging Face's and timm's: preprocessing and class names. A door reads them.
import { parseJson } from "../datasets/labels.ts";
import type { Sidecars } from "./preprocessing.ts";

/** Where both exist, the processor's own file counts. */
export const SIDECAR_FILES = ["preprocessor_config.json", "config.json"] as const;

/**
 * What a config file beside a model says of preprocessing and class names; empty where it says nothing.
 * @param file its name, for messages
 * @throws UsageError `bad-json`, `bad-preprocessing`
 */
export async function parseSidecar(text: string, file: string): Promise<Sidecars> {
  const [{ parsePreprocessorConfig }, { labelsOfJson }] = await Promise.all([
    import("../images/preprocessor-config.ts"),
    import("../datasets/labels.ts"),
  ]);
  const json = parseJson(text, file);
  const config = parsePreprocessorConfig(json, file);
  const names = labelsOfJson(json);
  return {
    ...(config === undefined ? {} : { preprocessing: { config, file } }),
    ...(names === undefined ? {} : { labels: { names, file } }),
  };
}
