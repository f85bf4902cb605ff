// Correlations of two rows of numbers: Pearson's, and Spearman's, which is Pearson's of the ranks (equal numbers share theirs).

type Numbers = Float32Array | Float64Array;

/** −1 to 1; undefined where one of them is the same everywhere. Both must have the same length. */
export function pearson(a: Numbers, b: Numbers): number | undefined {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  let [product, squareA, squareB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [da, db] = [(a[i] as number) - meanA, (b[i] as number) - meanB];
    product += da * db;
    squareA += da * da;
    squareB += db * db;
  }
  if (squareA === 0 || squareB === 0) return undefined;
  return Math.min(Math.max(product / Math.sqrt(squareA * squareB), -1), 1);
}

/** −1 to 1; undefined where one of them is the same everywhere. */
export const spearman = (a: Numbers, b: Numbers): number | undefined => pearson(ranks(a), ranks(b));

const meanOf = (values: Numbers): number => {
  let sum = 0;
  for (const v of values) sum += v;
  return sum / values.length;
};

/** Places from 0 in increasing order; equal numbers get the mean of theirs. */
function ranks(values: Numbers): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((i, j) => (values[i] as number) - (values[j] as number));
  const out = new Float64Array(values.length);
  for (let first = 0; first < order.length; ) {
    let end = first + 1;
    while (end < order.length && values[order[end] as number] === values[order[first] as number]) end++;
    for (let k = first; k < end; k++) out[order[k] as number] = (first + end - 1) / 2;
    first = end;
  }
  return out;
}
