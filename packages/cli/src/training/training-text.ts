// What people see of a training: how far it is, how fast, how long it will take, and a line for each epoch.
import {
  type Checkpoint,
  type EpochMetrics,
  type Evaluation,
  type FitContext,
  type FitPlan,
  isFinished,
  type StepTold,
  shareText,
} from "snellen";
import type { Terminal } from "../terminal.ts";

/** A picture that was left out, and why. */
interface Skipped {
  readonly source: string;
  readonly reason: string;
}

export interface TrainingReport extends Required<Pick<FitContext, "onStep" | "onEpoch" | "onSkip">> {
  skipped(): readonly Skipped[];
}

/** The loss that is shown follows the last steps. */
const SMOOTHING = 0.95;

export function createTrainingReport(
  { epochs, batch }: FitPlan,
  earlier: Checkpoint | undefined,
  terminal: Terminal,
): TrainingReport {
  const skipped = new Map<string, Skipped>();
  const started = performance.now();
  const before = earlier?.progress.step ?? 0;
  let shown: number | undefined;
  let epochStart = { at: started, step: before };
  return {
    onStep({ loss, step, steps, epoch }: StepTold) {
      shown = shown === undefined ? loss : SMOOTHING * shown + (1 - SMOOTHING) * loss;
      const seconds = (performance.now() - started) / 1000;
      const speed = ((step - before) * batch) / seconds;
      const left = ((steps - step) * seconds) / (step - before);
      const text = `epoch ${epoch}/${epochs}, loss ${shown.toFixed(3)}, ${rounded(speed)} images/s, ${duration(left)} left`;
      terminal.progress(text, step / steps);
    },
    onEpoch(metrics: EpochMetrics) {
      const seconds = (performance.now() - epochStart.at) / 1000;
      const steps = metrics.step - epochStart.step;
      terminal.note(epochText(metrics, epochs, (steps * batch) / seconds));
      epochStart = { at: performance.now(), step: metrics.step };
    },
    onSkip({ source, reason }) {
      if (skipped.has(source)) return;
      skipped.set(source, { source, reason });
      terminal.warn(`${source}: ${reason} Others of its batch take its place.`);
    },
    skipped: () => [...skipped.values()],
  };
}

/** Where an earlier run is gone on from. */
export const resumeText = (plan: FitPlan, { progress }: Checkpoint): string =>
  isFinished(plan, progress)
    ? `the training is finished (epoch ${progress.epoch}, step ${progress.step}): only its results are written.`
    : `going on behind step ${progress.step} (epoch ${progress.epoch + 1}).`;

/** Of the model as it is given: a wrong beginning shows before hours are spent on it. */
export const beforeText = ({ loss, accuracy, n }: Evaluation): string =>
  `before: validation loss ${loss.toFixed(4)}, accuracy ${shareText(accuracy)} %, ${n} pictures`;

function epochText(metrics: EpochMetrics, epochs: number, speed: number): string {
  const { epoch, loss, accuracy, validationLoss, validationAccuracy } = metrics;
  const validation =
    validationLoss === null || validationAccuracy === null
      ? ""
      : `, validation loss ${validationLoss.toFixed(4)}, accuracy ${shareText(validationAccuracy)} %`;
  return `epoch ${epoch}/${epochs}: loss ${loss.toFixed(4)}, accuracy ${shareText(accuracy)} %${validation}, ${rounded(speed)} images/s`;
}

export const epochsText = (count: number): string => `${count} ${count === 1 ? "epoch" : "epochs"}`;

const rounded = (speed: number): string => Number(speed.toPrecision(3)).toLocaleString("en");

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
