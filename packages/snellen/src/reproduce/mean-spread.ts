// Numbers of several seeds as pages write them: mean and standard deviation.

/**
 * "85.9 ± 0.3"; without a deviation where there is but one number, null without any.
 * @param scale what numbers are multiplied by: 100 for percentages
 */
export function meanSpread(
  values: readonly number[],
  { digits, scale = 1 }: { readonly digits: number; readonly scale?: number },
): string | null {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const written = (value: number) => (scale * value).toFixed(digits);
  if (values.length === 1) return written(mean);
  const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return `${written(mean)} ± ${written(Math.sqrt(squares / (values.length - 1)))}`;
}
