// What bears on reading a result, a paragraph each.
import { inTheApp } from "../flag-words.ts";

export const Notes = ({ notes }: { readonly notes: readonly string[] }) => (
  <>
    {notes.map((note) => (
      <p key={note} class="soft">
        {inTheApp(note)}
      </p>
    ))}
  </>
);
