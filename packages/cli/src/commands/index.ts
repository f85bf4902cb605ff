// Every command of the program. To add one: write its file, then its line here.
import type { Command } from "commander";
import type { Wrap } from "../main.ts";
import { defineCam } from "./cam.ts";
import { defineCamScore } from "./cam-score.ts";
import { defineConcepts } from "./concepts.ts";
import { defineCorrupt } from "./corrupt.ts";
import { defineDataset } from "./dataset.ts";
import { defineDeadPixels } from "./deadpixels.ts";
import { defineDifferentiate } from "./differentiate.ts";
import { defineErf } from "./erf.ts";
import { defineExam } from "./exam.ts";
import { defineFix } from "./fix/index.ts";
import { defineGammas } from "./gammas.ts";
import { defineGroups } from "./groups.ts";
import { defineInspect } from "./inspect.ts";
import { defineNetwork } from "./network.ts";
import { definePatchEmbedding } from "./patch-embedding.ts";
import { defineReproduce } from "./reproduce/index.ts";
import { defineRobustness } from "./robustness.ts";
import { defineTrain } from "./train.ts";
import { defineView } from "./view.ts";

export const commands: readonly ((program: Command, wrap: Wrap) => void)[] = [
  defineInspect,
  defineDifferentiate,
  defineCam,
  defineCamScore,
  defineConcepts,
  defineDataset,
  defineCorrupt,
  defineErf,
  defineDeadPixels,
  defineExam,
  defineView,
  defineGroups,
  defineGammas,
  defineRobustness,
  definePatchEmbedding,
  defineNetwork,
  defineTrain,
  defineFix,
  defineReproduce,
];
