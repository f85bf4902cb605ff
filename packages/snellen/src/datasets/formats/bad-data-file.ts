// The one error of files that are not what they should be.
import { UsageError } from "@snellen/graph";

export const badDataFile = (what: string, file: string, cause?: unknown): UsageError =>
  new UsageError("bad-data-file", what, {
    where: file,
    hint: "Fetch the file again, or give the folder of another copy.",
    cause,
  });
