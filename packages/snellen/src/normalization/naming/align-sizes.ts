// Two lists in one order, either of which may lack entries of the other: which entry of the second each entry of the first can be.
// Longest common subsequences from both ends, so that what is certain can be told from what is a choice.

export interface Aligned {
  /** Index in the second list; undefined where the best alignment leaves this entry out. */
  readonly index: number | undefined;
  /** Whether every best alignment says so. */
  readonly isOnly: boolean;
}

/** @returns for each entry of `first`, in an alignment that pairs the most entries of equal size and keeps both orders */
export function alignSizes(first: readonly number[], second: readonly number[]): Aligned[] {
  const heads = commonHeads(first, second);
  const tails = commonHeads([...first].reverse(), [...second].reverse());
  const head = (i: number, j: number): number => heads[i]?.[j] ?? 0;
  const tail = (i: number, j: number): number => tails[first.length - i]?.[second.length - j] ?? 0;
  const best = head(first.length, second.length);
  const isPossible = (i: number, j: number, before: number): boolean =>
    first[i] === second[j] && before + 1 + tail(i + 1, j + 1) === best;
  let next = 0;
  let paired = 0;
  return first.map((_, i) => {
    const possible = second.flatMap((_, j) => (isPossible(i, j, head(i, j)) ? [j] : []));
    const mayLack = [...second, 0].some((_, j) => head(i, j) + tail(i + 1, j) === best);
    const index = possible.find((j) => j >= next && isPossible(i, j, paired));
    if (index !== undefined) {
      next = index + 1;
      paired += 1;
    }
    return { index, isOnly: possible.length + (mayLack ? 1 : 0) === 1 };
  });
}

/** Entry [i][j]: length of the longest common subsequence of the first i and the first j entries. */
function commonHeads(a: readonly number[], b: readonly number[]): number[][] {
  const table = [new Array<number>(b.length + 1).fill(0)];
  for (let i = 0; i < a.length; i++) {
    const above = table[i] as number[];
    const row = [0];
    for (let j = 0; j < b.length; j++)
      row.push(a[i] === b[j] ? (above[j] as number) + 1 : Math.max(above[j + 1] as number, row[j] as number));
    table.push(row);
  }
  return table;
}
