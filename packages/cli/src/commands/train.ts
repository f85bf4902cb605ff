// snellen train and finetune: flags and help. Both run the same training; they differ in where they begin and in their defaults.
import type { Command } from "commander";
import { augmentationKinds, datasets, losses, optimizers, schedules } from "snellen/registries";
import type { CommandContext, Wrap } from "../main.ts";
import {
  another,
  choiceOf,
  countOf,
  integerFrom,
  type ModelFlags,
  numberOf,
  seedOf,
  withModel,
} from "../options.ts";

export interface TrainFlags extends ModelFlags {
  readonly data?: string;
  readonly dataLabels?: string;
  readonly validation: string;
  readonly test?: string;
  readonly limit?: number;
  readonly augment?: string;
  readonly workers?: number;
  readonly epochs: number;
  readonly batch: number;
  readonly lr?: number;
  readonly schedule: string;
  readonly warmup: number;
  readonly optimizer: string;
  readonly momentum?: number;
  readonly beta2?: number;
  readonly decay?: number;
  readonly decayOn: "weights" | "all" | "plan";
  readonly loss?: string;
  readonly smoothing: number;
  readonly clip?: number;
  readonly ema?: number;
  readonly dropout?: number;
  readonly dropPath?: number;
  readonly freeze?: string[];
  readonly only?: string[];
  readonly freezeStatistics?: boolean;
  readonly fromScratch?: boolean;
  readonly patience?: number;
  readonly keep?: "best" | "last";
  readonly seed: number;
  readonly out: string;
  readonly model?: string;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
}

interface Defaults {
  readonly epochs: number;
  readonly batch: number;
  /** Of the optimizer's own learning rate. */
  readonly rateShare: number;
  readonly warmup: number;
  readonly out: string;
}

const TRAIN: Defaults = { epochs: 30, batch: 128, rateShare: 1, warmup: 1, out: "snellen-train" };
const FINETUNE: Defaults = { epochs: 5, batch: 32, rateShare: 0.05, warmup: 0, out: "snellen-finetune" };

export function defineTrain(program: Command, wrap: Wrap): void {
  const train = program
    .command("train <model>")
    .description("train a network, such as snellen network writes, on labelled pictures");
  withTraining(withModel(train), TRAIN)
    .option("--from-scratch", "begin with new weights, by the kind of each layer")
    .addHelpText("after", TRAIN_HELP)
    .action(wrap(run(TRAIN)));
  const finetune = program
    .command("finetune <model>")
    .description("train a network further, as after snellen fix, in small steps");
  withTraining(withModel(finetune), FINETUNE)
    .addHelpText("after", FINETUNE_HELP)
    .action(wrap(run(FINETUNE)));
}

const idsOfAll = (entries: readonly { readonly id: string }[]): string =>
  entries.map(({ id }) => id).join(", ");

const described = (entries: readonly { readonly id: string; readonly title: string }[]): string =>
  entries.map(({ id, title }) => `${id} (${title})`).join(", ");

const share = (flag: string, example: number) => numberOf(flag, { from: 0, to: 0.9999 }, example);
const positive = (flag: string, example: number) => numberOf(flag, { above: 0 }, example);

const withTraining = (command: Command, { epochs, batch, warmup, out }: Defaults): Command =>
  command
    .option("--data <set>", "what to train on: a folder of pictures by class, or a data set (see below)")
    .option(
      "--data-labels <file>",
      "true classes of a folder's pictures: CSV `file,label` or JSON (default: folder names)",
    )
    .option(
      "--validation <share|set>",
      "part of the data that is put aside, or a set of its own; 0 for none",
      "0.1",
    )
    .option("--test <set>", "what the result is measured on at the end")
    .option("--limit <n>", "at most so many pictures, as many of each class", countOf("limit"))
    .option("--augment <list>", "such as crop=4,flip,rand-augment=2:9 (see below)")
    .option("--workers <n>", "threads that make batches (default: physical cores)", integerFrom("workers", 0))
    .option("--epochs <n>", "times that every picture is seen", countOf("epochs"), epochs)
    .option(
      "--batch <n>",
      "pictures a step; a last step with fewer is left out of an epoch",
      countOf("batch"),
      batch,
    )
    .option("--lr <rate>", "highest learning rate (default: by optimizer)", positive("lr", 0.1))
    .option("--schedule <id>", idsOfAll(schedules), "cosine")
    .option(
      "--warmup <epochs>",
      "epochs until the rate is highest",
      numberOf("warmup", { from: 0 }, 1),
      warmup,
    )
    .option("--optimizer <id>", idsOfAll(optimizers), "sgd")
    .option("--momentum <share>", "momentum, or AdamW's first (default 0.9)", share("momentum", 0.9))
    .option("--beta2 <share>", "AdamW's second (default 0.999)", share("beta2", 0.999))
    .option(
      "--decay <size>",
      "L2 regularization (default: by optimizer)",
      numberOf("decay", { from: 0 }, 5e-4),
    )
    .option(
      "--decay-on <what>",
      "weights; plan: and normalization scales as snellen gammas says; or all",
      choiceOf("decay-on", ["weights", "plan", "all"]),
      "weights",
    )
    .option("--loss <id>", `${idsOfAll(losses)} (default: by the scores)`)
    .option("--smoothing <share>", "label smoothing", share("smoothing", 0.1), 0)
    .option("--clip <length>", "longest gradient over all parameters", positive("clip", 1))
    .option(
      "--ema <share>",
      "keep a moving average of the weights, with this share of the old",
      share("ema", 0.999),
    )
    .option("--dropout <share>", "features in front of the scores that are left out", share("dropout", 0.2))
    .option(
      "--drop-path <share>",
      "pictures for which the last residual branch is left out (stochastic depth)",
      share("drop-path", 0.1),
    )
    .option(
      "--freeze <pattern>",
      "parameters or layers that stay; * stands for anything; repeatable",
      another,
    )
    .option("--only <pattern>", "those that train alone; repeatable", another)
    .option("--freeze-statistics", "batch normalizations keep their statistics")
    .option(
      "--patience <epochs>",
      "end after so many without a better validation accuracy",
      countOf("patience"),
    )
    .option(
      "--keep <which>",
      "weights of the best epoch by validation, or of the last (default: best, last without validation)",
      choiceOf("keep", ["best", "last"]),
    )
    .option("--seed <n>", "of weights, order and augmentation", seedOf, 0)
    .option(
      "--out <folder>",
      "where checkpoint, metrics.jsonl, curve.svg, training.json and the model go",
      out,
    )
    .option("-m, --model <file>", "the trained model (default: its name in --out)")
    .option("--resume", "go on from the checkpoint in --out")
    .option("--overwrite", "begin anew where --out holds a training, whose files are removed");

const DATA_HELP = `
Data:
${datasets.map(({ usage, summary }) => `  ${usage.padEnd(50)} ${summary}`).join("\n")}
--validation and --test take the same, and the test pictures where a set has such. Drawn sets never end: seed chooses one, first the
picture that it begins with; without first, training and test pictures never meet.
Augmentation, one after another between commas:
${augmentationKinds.map(({ usage, summary }) => `  ${usage.padEnd(42)} ${summary}`).join("\n")}
Losses: ${described(losses)}.
Optimizers: ${described(optimizers)}.
Schedules, behind the warm-up: ${described(schedules)}.
`;

const TRAIN_HELP = `
Examples: snellen network resnet -o net.onnx && snellen train net.onnx --data cifar10:cifar-10-batches-bin --augment crop=4,flip
          snellen train net.onnx --data photos/ --optimizer adamw --epochs 50 --patience 10
          snellen train trained.onnx --from-scratch --data fashion-mnist
${DATA_HELP}
Every step is one ONNX graph: forward in training mode, loss, gradients, update. The checkpoint is written after every epoch and every
minute; --resume ends with the weights that a run without a break gives. A loss that is not finite ends the training and names the layer.`;

const FINETUNE_HELP = `
Examples: snellen fix kernel-padding net.onnx -o padded.onnx && snellen finetune padded.onnx --data photos/
          snellen fix prelayernorm vit.onnx --images photos/ -o fixed.onnx && snellen finetune fixed.onnx --data photos/ --epochs 3
          snellen exam net.onnx finetuned.onnx --images test/     # before and after
${DATA_HELP}`;

const run =
  ({ rateShare }: Defaults) =>
  async (context: CommandContext, path: string, flags: TrainFlags): Promise<number> => {
    const { runTraining } = await import("../training/run-training.ts");
    return await runTraining(path, flags, rateShare, context);
  };
