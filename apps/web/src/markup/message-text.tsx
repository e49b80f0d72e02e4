import type { Me, Message } from "@multichat/protocol";
import { Fragment, memo, type ReactNode } from "react";
import { Link } from "wouter";
import { useMe } from "../hooks/use-chat.ts";
import { type Block, readMarkdown } from "./markdown.ts";
import type { Inline } from "./markdown-inline.ts";
import { mentionKind } from "./mentions.ts";
import styles from "./message-text.module.css";
import { RoomReferences } from "./room-references.tsx";

/** What decides which @names of a text are drawn as mentions. */
export type Addressed = Pick<Message, "mentions" | "mentionsAll">;

interface MessageTextProps {
  readonly text: string;
  /** null: not known yet, it is on its way; every name may be one. */
  readonly addressed: Addressed | null;
}

interface Reader {
  readonly me: Me;
  readonly addressed: Addressed | null;
}

/**
 * What somebody wrote, with its markup. Elements are made from what the parser found and from nothing else: text stays text.
 */
export const MessageText = memo(function MessageText({ text, addressed }: MessageTextProps) {
  const me = useMe();
  const reader: Reader = { me, addressed };
  return (
    <div className={styles.text} dir="auto">
      {readMarkdown(text).map((block, at) => drawBlock(block, at, reader))}
    </div>
  );
});

/** Of all three emoji and the spaces between them, in code units: more than the longest that there are. */
const PICTURES_LENGTH = 80;
const BEYOND_LATIN = /[©®\u2000-\uffff]/;
const PICTURES = /^\s*(?:\p{RGI_Emoji}\s*){1,3}$/v;

/** At most three emoji and nothing else. The cheap looks come first: the last one takes long to be made ready. */
function isPictures(text: string): boolean {
  return text.length <= PICTURES_LENGTH && BEYOND_LATIN.test(text) && PICTURES.test(text);
}

function drawBlock(block: Block, key: number, reader: Reader): ReactNode {
  switch (block.kind) {
    case "paragraph": {
      const [only] = block.inside;
      const pictures = block.inside.length === 1 && only?.kind === "text" && isPictures(only.text);
      return (
        <p key={key} className={pictures ? styles.pictures : styles.paragraph}>
          {drawInlines(block.inside, reader)}
        </p>
      );
    }
    case "code":
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long line scrolls, so the keyboard must reach it.
        <pre key={key} className={styles.block} dir="ltr" data-language={block.language || undefined} tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      );
    case "quote":
      return (
        <blockquote key={key} className={styles.quote}>
          {block.inside.map((inside, at) => drawBlock(inside, at, reader))}
        </blockquote>
      );
    case "list": {
      const items = block.items.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a text's pieces never move.
        <li key={at}>{item.map((inside, index) => drawBlock(inside, index, reader))}</li>
      ));
      return block.start === null ? (
        <ul key={key} className={styles.list}>
          {items}
        </ul>
      ) : (
        <ol key={key} className={styles.list} start={block.start}>
          {items}
        </ol>
      );
    }
  }
}

function drawInlines(parts: readonly Inline[], reader: Reader): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: a text's pieces never move.
  return parts.map((part, at) => <Fragment key={at}>{drawInline(part, reader)}</Fragment>);
}

function drawInline(part: Inline, reader: Reader): ReactNode {
  switch (part.kind) {
    case "text":
      return part.text.includes("#") ? <RoomReferences text={part.text} /> : part.text;
    case "code":
      return (
        <code className={styles.code} dir="ltr">
          {part.text}
        </code>
      );
    case "strong":
      return <strong>{drawInlines(part.inside, reader)}</strong>;
    case "emphasis":
      return <em>{drawInlines(part.inside, reader)}</em>;
    case "struck":
      return <s>{drawInlines(part.inside, reader)}</s>;
    case "link":
      return <TextLink href={part.href}>{drawInlines(part.inside, reader)}</TextLink>;
    case "mention": {
      const kind = mentionKind(part.name, reader.me, reader.addressed);
      if (kind === "none") return `@${part.name}`;
      return (
        <bdi className={styles.mention} data-me={kind === "me" || undefined}>
          @{part.name}
        </bdi>
      );
    }
  }
}

/** Our own addresses open in place, others apart and without saying whence. */
function TextLink({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  const url = new URL(href);
  if (url.origin === location.origin && url.pathname.startsWith("/rooms/")) {
    return <Link href={url.pathname + url.search + url.hash}>{children}</Link>;
  }
  return (
    <a href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}
