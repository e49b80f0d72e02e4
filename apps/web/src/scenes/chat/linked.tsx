import { memo } from "react";
import { Link } from "wouter";
import { linkify } from "./linkify.ts";

/** Text as it was written, with its web addresses as links. Ours open in place, others apart and without saying whence. */
export const Linked = memo(function Linked({ text }: { readonly text: string }) {
  return linkify(text).map((segment, at) => {
    if (segment.kind === "text") return segment.text;
    const url = new URL(segment.href);
    if (url.origin === location.origin && url.pathname.startsWith("/rooms/")) {
      return (
        // biome-ignore lint/suspicious/noArrayIndexKey: a text's pieces never move.
        <Link key={at} href={url.pathname + url.search + url.hash}>
          {segment.text}
        </Link>
      );
    }
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: a text's pieces never move.
      <a key={at} href={segment.href} target="_blank" rel="noopener noreferrer nofollow">
        {segment.text}
      </a>
    );
  });
});
