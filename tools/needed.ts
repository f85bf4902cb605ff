/** A flag without which a script has nothing to work on. */
export function needed(value: string | undefined, flag: string, what: string): string {
  if (value !== undefined) return value;
  throw new Error(`--${flag} is missing: ${what}`);
}
