// Works one at a time, in the order in which they came.

export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** A queue of its own; a work that fails does not hold up the next. */
export function inTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
