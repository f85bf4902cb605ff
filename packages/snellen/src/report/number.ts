// Numbers as reports write them.

/** Three significant digits; small ones as powers of ten. */
export const shortNumber = (value: number): string =>
  value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
