// The command line as a process of its own, from the sources.
import { run } from "../main.ts";

process.exitCode = await run(process.argv.slice(2));
