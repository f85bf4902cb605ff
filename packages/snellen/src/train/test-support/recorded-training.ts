// Ten steps on the made pictures, on one thread, so that every run gives the same bits.
import { createNodeRuntime } from "../../node/runtime.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import { prepareTraining, type TrainingWishes } from "../prepare.ts";
import type { StepMetrics } from "../trainer.ts";
import { createTraining, type Training } from "../training.ts";
import { MADE, madeBatch, projected } from "./made-batches.ts";

export const oneThread = createNodeRuntime({ session: { threads: 1 } });

export async function startTraining(info: DescribedModel, wishes: TrainingWishes): Promise<Training> {
  const prepared = prepareTraining(info, wishes);
  return await createTraining(prepared.info, prepared.options, { runtime: oneThread });
}

export async function tenSteps({ trainer }: Training, rate: number): Promise<StepMetrics[]> {
  const told: StepMetrics[] = [];
  for (let step = 0; step < MADE.steps; step++)
    told.push(await trainer.step(madeBatch(step), rate, step + 1));
  return told;
}

/** Constant → length and product with fixed directions, of the state's vectors of weights and statistics, or of their averages. */
export function projections(
  { graph, trainer }: Training,
  of: "weights" | "statistics" | "averages",
): Map<string, { readonly dims: readonly number[]; readonly told: readonly [number, number] }> {
  const averageOf = new Map(graph.averages.map(({ name, of }) => [of, name]));
  const layouts =
    of === "statistics" ? (graph.statistics === undefined ? [] : [graph.statistics]) : graph.weights;
  const state = trainer.state();
  return new Map(
    layouts.flatMap((layout) => {
      const name = of === "averages" ? averageOf.get(layout.name) : layout.name;
      const vector = state.get(name ?? "") as Float32Array;
      return layout.parts.map(
        ({ name, dims, offset, size }) =>
          [name, { dims, told: projected(vector.subarray(offset, offset + size)) }] as const,
      );
    }),
  );
}
