// Components as HTML, for tests, and what a browser would take for elements in it.
import { type ComponentType, h } from "preact";
import { renderToString } from "preact-render-to-string";

export const rendered = <Props extends object>(component: ComponentType<Props>, props: Props): string =>
  renderToString(h(component as ComponentType, props as never));

/** Names of elements. */
export const elementsIn = (html: string): Set<string> =>
  new Set([...html.matchAll(/<([a-z0-9]+)/gi)].map(([, name]) => (name as string).toLowerCase()));

/** Text that tries to get out of wherever it is put. */
export const HOSTILE = `<script>alert("1")</script><img src=x onerror='alert(2)'>&amp;]]>`;
