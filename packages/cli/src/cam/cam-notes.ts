// What is told of many maps at once: notes are the same of every image as a rule, or differ by a number.

interface Noted {
  readonly method: string;
  readonly notes: readonly string[];
}

/** A number that stands by itself, not a part of a name. */
const NUMBER = /(?<![\w.])-?\d+(?:\.\d+)?(?!\w)/g;

/** Each note once a method; those that differ in their numbers alone become one, with the range of each number. */
export function mergedNotes(entries: readonly Noted[]): { readonly method: string; readonly note: string }[] {
  const alike = new Map<string, { method: string; notes: string[] }>();
  for (const { method, notes } of entries)
    for (const note of notes) {
      const key = `${method}\n${note.replaceAll(NUMBER, "#")}`;
      const group = alike.get(key) ?? { method, notes: [] };
      group.notes.push(note);
      alike.set(key, group);
    }
  return [...alike.values()].map(({ method, notes }) => ({ method, note: merged(notes) }));
}

function merged(notes: readonly string[]): string {
  const numbers = notes.map((note) => note.match(NUMBER) ?? []);
  let place = 0;
  return (notes[0] as string).replaceAll(NUMBER, (own) => {
    const all = numbers.map((found) => found[place] ?? own).sort((a, b) => Number(a) - Number(b));
    place++;
    const [low = own, high = own] = [all[0], all.at(-1)];
    return low === high ? own : `${low} to ${high}`;
  });
}
