// The networks that `reproduce gammas` trains, and how: one recipe a network, whichever γ are decayed. The recipes (few pictures, many
// epochs, strong decay) were chosen on seeds that the experiment does not use, so that regularization has something to do;
// arXiv:2205.07260 trains the same kinds of network for longer.
import type { Model } from "@snellen/graph";
import { resnet, vit } from "../../networks/index.ts";
import { decayedScales } from "../../train/decayed-scales.ts";
import { describeModel } from "../../vision-model/describe.ts";
import type { TrainingRecipe } from "../train-network.ts";
import type { optionsFor } from "../training-study.ts";
import type { DecayedGammas } from "./trainings.ts";

/** A kind of network that is trained with several choices of γ to decay. */
export interface DecayedNetwork {
  readonly name: string;
  readonly build: (pictures: PictureOptions, seed: number) => Model;
  readonly recipe: Omit<TrainingRecipe, "seed" | "epochs" | "decay" | "decayed">;
  /** L2 regularization, of the weights always: weak, strong. */
  readonly strengths: readonly number[];
}

type PictureOptions = ReturnType<typeof optionsFor>;

const STAGES = { normalization: "bn", blocks: [1, 1, 1], stem: "strided" } as const;

const residual = (
  block: "basic" | "bottleneck" | "pre-activation",
  widths: readonly number[],
): DecayedNetwork => ({
  name: `ResNet, ${block}`,
  build: (pictures, seed) => resnet.build({ ...pictures, ...STAGES, block, widths }, seed),
  recipe: { batch: 50, optimizer: "sgd", momentum: 0.9, rate: 0.1 },
  strengths: [0.005, 0.02],
});

export const decayedNetworks: readonly DecayedNetwork[] = [
  residual("basic", [8, 16, 32]),
  residual("bottleneck", [4, 8, 16]),
  residual("pre-activation", [8, 16, 32]),
  {
    name: "ViT",
    build: (pictures, seed) =>
      vit.build({ ...pictures, ...SMALL, pooling: "mean", weights: "xavier-uniform" }, seed),
    recipe: { batch: 25, optimizer: "adamw", rate: 5e-3 },
    // of AdamW, whose decay is a share of the learning rate
    strengths: [0.5, 2],
  },
];

const SMALL = { patch: 4, width: 32, depth: 3, heads: 2, mlpRatio: 2 } as const;

const CATEGORIES = ["branch-last", "shortcut", "scale-invariant", "terminal"] as const;
/** In the order of tables. */
export const DECAYED: readonly DecayedGammas[] = ["none", ...CATEGORIES, "all", "plan"];

/** Constants of the γ that are decayed, by choice; a category that the network has no γ of is left out. */
export function decayedSets(model: Model): Map<DecayedGammas, ReadonlySet<string>> {
  const info = describeModel(model);
  const single = CATEGORIES.map((category) => [category, decayedScales(info, category)] as const);
  const sets = new Map<DecayedGammas, ReadonlySet<string>>([
    ["none", new Set()],
    ...single.filter(([, set]) => set.size > 0),
    ["all", new Set(single.flatMap(([, set]) => [...set]))],
    ["plan", decayedScales(info, "plan")],
  ]);
  return new Map(DECAYED.flatMap((id) => (sets.has(id) ? [[id, sets.get(id) as ReadonlySet<string>]] : [])));
}
