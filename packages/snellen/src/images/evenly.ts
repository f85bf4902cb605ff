// Some of many: a sample that does not depend on chance, and does not take the first class of a folder sorted by class.

/** At most `count` items in their order, evenly over the list, the first one always among them. */
export const evenly = <T>(items: readonly T[], count: number): T[] =>
  items.length <= count
    ? [...items]
    : Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)] as T);
