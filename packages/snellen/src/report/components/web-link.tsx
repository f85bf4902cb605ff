// A link to the web; whatever else an address may be stays text.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from "preact";

interface WebLinkProps {
  readonly address: string;
  readonly children: string;
}

export const WebLink = ({ address, children }: WebLinkProps): JSX.Element =>
  /^https?:\/\//i.test(address) ? (
    <a href={address} rel="noreferrer">
      {children}
    </a>
  ) : (
    <span>{address}</span>
  );
