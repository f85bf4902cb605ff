// Numbers as reports write them.

/** Three significant digits; small ones as powers of ten. */
export const shortNumber = (value: number): string =>
  value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(1) : String(Number(value.toPrecision(3)));

/** With so many decimal places; what rounds to zero has no sign. */
export const fixedNumber = (value: number, digits: number): string =>
  value.toFixed(digits).replace(/^-(0(?:\.0*)?)$/, "$1");
