// What people are told before the first step: how much trains, what an epoch leaves out, what a flag does not do, and test pictures that
// are no test.
import { elementCount } from "@snellen/graph";
import {
  type FitPlan,
  optimizer,
  type Parameter,
  type PreparedTraining,
  sharedPictures,
  type TrainingPictures,
} from "snellen";
import type { TrainFlags } from "../commands/train.ts";
import type { Terminal } from "../terminal.ts";

/** @param count pictures that are trained on */
export function noteStart(
  { prepared, plan, flags }: NotedJob,
  count: number,
  { note, warn }: Pick<Terminal, "note" | "warn">,
): void {
  note(trainsText(prepared));
  const { batch, warmup, epochs, rate } = plan;
  const left = count % batch;
  if (left > 0 && left < count)
    note(`--batch ${batch}: ${left} of ${count} pictures are left out of an epoch, others each time.`);
  if (warmup >= epochs) {
    const last = Number((rate * (epochs / warmup)).toPrecision(3));
    note(
      `--warmup ${warmup} takes the whole training: the learning rate rises to its last step, to ${last}.`,
    );
  }
  const { id, defaults } = optimizer(flags.optimizer);
  if (flags.beta2 !== undefined && defaults.secondMoment === 0)
    warn(`--beta2 ${flags.beta2} was not used: ${id} has no second moment.`);
}

interface NotedJob {
  readonly prepared: PreparedTraining;
  readonly plan: FitPlan;
  readonly flags: TrainFlags;
}

function trainsText({ parameters, frozen }: PreparedTraining): string {
  const numbers = (some: readonly Parameter[]): string =>
    some.reduce((sum, { dims }) => sum + elementCount(dims), 0).toLocaleString("en");
  const trained = `${numbers(parameters)} parameters in ${parameters.length} tensors are trained`;
  return frozen.length === 0 ? `${trained}.` : `${trained}; ${numbers(frozen)} in ${frozen.length} stay.`;
}

/** @param flag by which the pictures were given */
export function warnShared(
  flag: "validation" | "test",
  trained: TrainingPictures,
  tested: TrainingPictures,
  terminal: Pick<Terminal, "warn">,
): void {
  const shared = sharedPictures(trained, tested);
  if (shared > 0)
    terminal.warn(
      `--${flag}: ${shared} of its ${tested.count} pictures are trained on, of which an accuracy says little.`,
    );
}
