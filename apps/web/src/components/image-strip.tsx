// The pictures that are there, small, to choose from.
import { pictures, selected } from "../state/pictures.ts";

/** More would cost the page more than anybody looks at. */
const MOST = 200;

const LABELS: Readonly<Record<string, string>> = {
  none: "no classes known",
  drawn: "drawn here, classes known",
  folder: "classes from their folders",
  filename: "classes from their names",
};

/** Browsers show nothing of a picture that they cannot decode. */
function markUnreadable({ currentTarget }: { readonly currentTarget: HTMLImageElement }): void {
  currentTarget.alt = "cannot be read";
  currentTarget.classList.add("unreadable");
}

export function ImageStrip() {
  const { list, name, labelsFrom } = pictures.value;
  if (list.length === 0) return null;
  const labels = LABELS[labelsFrom] ?? `classes from ${labelsFrom}`;
  return (
    <section class="strip" aria-label="Pictures">
      <p class="soft">
        {list.length} {list.length === 1 ? "picture" : "pictures"}
        {name === "" || /^\d+ files$/.test(name) ? "" : ` of ${name}`}, {labels}
        {list.length > MOST ? `; the first ${MOST} are shown, all are used` : ""}
      </p>
      <ul>
        {list.slice(0, MOST).map(({ source, url, label }, i) => (
          <li key={source}>
            <button
              type="button"
              aria-pressed={i === selected.value}
              title={source}
              onClick={() => {
                selected.value = i;
              }}
            >
              <img
                src={url}
                alt={label.className ?? source}
                loading="lazy"
                width={64}
                height={64}
                onError={markUnreadable}
              />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
