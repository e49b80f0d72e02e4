import type { Me } from "@multichat/protocol";
import type { Block, Inline } from "@multichat/protocol/markup";
import { Fragment, memo, type ReactNode } from "react";
import { Link } from "wouter";
import { useMe } from "../hooks/use-chat.ts";
import { pathWithin } from "../state/address.ts";
import { type MentionInfo, resolveMention } from "./mentions.ts";
import styles from "./message-text.module.css";
import { parseCached } from "./parse-cached.ts";
import { RoomReferences } from "./room-references.tsx";

interface MessageTextProps {
  readonly text: string;
  /** null while the message is being sent: then no name is shown as a mention yet. */
  readonly mentions: MentionInfo | null;
}

interface Viewer {
  readonly me: Me;
  readonly mentions: MentionInfo | null;
}

/** Renders a message with its markup. Elements are created from the parser's result only: text stays text. */
export const MessageText = memo(function MessageText({ text, mentions }: MessageTextProps) {
  const me = useMe();
  const viewer: Viewer = { me, mentions };
  return (
    <div className={styles.text} dir="auto">
      {parseCached(text).map((block, index) => renderBlock(block, index, viewer))}
    </div>
  );
});

/** In code units: more than the three longest emoji with spaces between them. */
const MAX_EMOJI_ONLY_CHARS = 80;
const BEYOND_LATIN = /[©®\u2000-\uffff]/;
const EMOJI_ONLY = /^\s*(?:\p{RGI_Emoji}\s*){1,3}$/v;

/** Whether the text is at most three emoji. The cheap checks run first: the last pattern is slow to compile. */
function isEmojiOnly(text: string): boolean {
  return text.length <= MAX_EMOJI_ONLY_CHARS && BEYOND_LATIN.test(text) && EMOJI_ONLY.test(text);
}

function renderBlock(block: Block, key: number, viewer: Viewer): ReactNode {
  switch (block.kind) {
    case "paragraph": {
      const [only] = block.children;
      const emojiOnly = block.children.length === 1 && only?.kind === "text" && isEmojiOnly(only.text);
      return (
        <p key={key} className={emojiOnly ? styles.emojiOnly : styles.paragraph}>
          {renderInlines(block.children, viewer)}
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
          {block.children.map((child, at) => renderBlock(child, at, viewer))}
        </blockquote>
      );
    case "list": {
      const items = block.items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never move.
        <li key={index}>{item.map((child, childIndex) => renderBlock(child, childIndex, viewer))}</li>
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

function renderInlines(parts: readonly Inline[], viewer: Viewer): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never move.
  return parts.map((part, index) => <Fragment key={index}>{renderInline(part, viewer)}</Fragment>);
}

function renderInline(part: Inline, viewer: Viewer): ReactNode {
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
      return <strong>{renderInlines(part.children, viewer)}</strong>;
    case "emphasis":
      return <em>{renderInlines(part.children, viewer)}</em>;
    case "strikethrough":
      return <s>{renderInlines(part.children, viewer)}</s>;
    case "link":
      return <TextLink href={part.href}>{renderInlines(part.children, viewer)}</TextLink>;
    case "mention": {
      const found = resolveMention(part.text, viewer.me, viewer.mentions);
      if (found === undefined) return part.text;
      return (
        <>
          <bdi className={styles.mention} data-me={found.isSelf || undefined}>
            {found.mention}
          </bdi>
          {found.rest}
        </>
      );
    }
  }
}

/** Opens addresses of this site in place, and others in a new tab without a referrer. */
function TextLink({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  const url = new URL(href);
  const path = url.origin === location.origin ? pathWithin(url.pathname) : undefined;
  if (path?.startsWith("/rooms/")) {
    return <Link href={path + url.search + url.hash}>{children}</Link>;
  }
  return (
    <a href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}
