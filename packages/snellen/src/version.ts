// The version that results and files are stamped with; equal to package.json's, which a test checks.
/** The version of this package, which results and files are stamped with. */
export const VERSION = "0.1.0";
