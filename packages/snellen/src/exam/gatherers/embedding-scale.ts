// How large embedded patches are beside the positional embedding, and how far their sum turns, as colours get stronger.
// arXiv:2111.08413; the figures are those of patch-embedding/.
import { ModelError } from "@snellen/graph";
import { evenly } from "../../images/evenly.ts";
import type { ImageInput } from "../../images/image.ts";
import type { Source } from "../../images/stream.ts";
import { measureEmbeddingScale } from "../../patch-embedding/embedding-scale.ts";
import type { EmbeddingScale } from "../../patch-embedding/embedding-scale-result.ts";
import type { GatherContext, Maker, NoAnswer } from "../artifacts.ts";
import { subjectOf } from "../robustness/exam-group.ts";
import { CONTRAST_IMAGES } from "../robustness/fast-subset.ts";
import { ownExaminee } from "../robustness/outcomes.ts";

export const embeddingScale: Maker<"embeddingScale", "predictions"> = {
  id: "embeddingScale",
  needs: ["predictions"],
  async make({ predictions }, context): Promise<EmbeddingScale | NoAnswer> {
    if (predictions.length === 0) return { reason: "No image could be read." };
    try {
      return await measured(context);
    } catch (error) {
      if (error instanceof ModelError && error.code === "zero-positions") return { reason: error.message };
      throw error;
    }
  },
};

async function measured(context: GatherContext): Promise<EmbeddingScale | NoAnswer> {
  const { model, batch, signal, onSkip = () => undefined, onProgress } = context;
  const sources = labelledSources(context);
  const found = await measureEmbeddingScale(model, sources, {
    batch,
    signal,
    onSkip,
    onProgress: (done) => onProgress?.("patch embedding", done / sources.length),
  });
  return "rows" in found ? found : { reason: `There is no positional embedding to weigh: ${found.text}` };
}

/** The sample of the contrast curve, with classes as this model counts them. */
function labelledSources(context: GatherContext): Source<ImageInput>[] {
  const examinee = ownExaminee(context);
  const { labels } = subjectOf(examinee);
  return evenly([...examinee.images.entries.entries()], CONTRAST_IMAGES).map(([index, { source, read }]) => ({
    source,
    read: async () => ({ ...(await read()), classIndex: labels[index] }),
  }));
}
