// What bears on reading a result, a paragraph each.
export const Notes = ({ notes }: { readonly notes: readonly string[] }) => (
  <>
    {notes.map((note) => (
      <p key={note} class="soft">
        {note}
      </p>
    ))}
  </>
);
