// snellen view: the app in the browser, served from this machine alone, with a model, pictures or an exam opened in it.
import type { Command } from "commander";
import { UsageError } from "../light.ts";
import type { CommandContext, Wrap } from "../main.ts";
import { type CommonFlags, integerFrom, withCommon } from "../options.ts";
import { EXIT } from "../terminal.ts";

interface ViewFlags extends CommonFlags {
  readonly images?: string[];
  readonly port?: number;
  readonly open: boolean;
}

export function defineView(program: Command, wrap: Wrap): void {
  withCommon(
    program
      .command("view [file]")
      .description(
        "look at a model (.onnx) or a report (exam.json) in the browser; nothing leaves this machine",
      ),
  )
    .option("--images <path...>", "pictures to open with the model: files, folders or globs")
    .option(
      "--port <n>",
      "port to serve on (default: 7357, or any that is free)",
      integerFrom("port", 0, 65535),
    )
    .option("--no-open", "do not open the browser")
    .addHelpText("after", HELP)
    .action(wrap(view));
}

const HELP = `
Examples: snellen view resnet50.onnx --images photos/
          snellen view snellen-exam/exam.json
          snellen view                             the app alone: drop files into the page

Serves on 127.0.0.1 until Ctrl-C, to this machine only. External data, preprocessor_config.json, config.json and label files beside
the model go with it.`;

async function view(context: CommandContext, file: string | undefined, flags: ViewFlags): Promise<number> {
  const [{ givenFiles }, { serveApp }] = await Promise.all([
    import("../view/given-files.ts"),
    import("../view/serve-app.ts"),
  ]);
  const { terminal, signal } = context;
  if (flags.images !== undefined && /\.json$/i.test(file ?? ".json"))
    throw new UsageError("missing-model", "pictures are opened with a model.", {
      where: "--images",
      hint: "Write snellen view model.onnx --images photos/, or drop the pictures into the page.",
    });
  const given = file === undefined ? new Map<string, string>() : await givenFiles(file, flags.images ?? []);
  const { url, closed } = await serveApp(given, { port: flags.port, signal });
  terminal.result({ url }, () => `${url}\nServing on this machine until Ctrl-C.`);
  if (flags.open) {
    const { default: open } = await import("open");
    // without a browser the address above is what is left
    await open(url).catch(() => terminal.note("No browser could be opened."));
  }
  await closed;
  return EXIT.done;
}
