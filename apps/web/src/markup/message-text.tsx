import { type Me, qualifyEmoji } from "@multichat/protocol";
import { type Block, type Inline, type Table, toPlainText } from "@multichat/protocol/markup";
import { Fragment, memo, type ReactNode } from "react";
import { Link } from "wouter";
import { useMe } from "../hooks/use-chat.ts";
import { pathWithin } from "../state/address.ts";
import { CodeBlock } from "./code-block.tsx";
import { type MentionInfo, resolveMention } from "./mentions.ts";
import styles from "./message-text.module.css";
import { parseCached } from "./parse-cached.ts";
import { RoomReferences } from "./room-references.tsx";
import { Spoiler } from "./spoiler.tsx";

/** Ticks or clears the task whose box is at this position of the text. */
export type SetTask = (position: number, options: { readonly isDone: boolean }) => void;

interface MessageTextProps {
  readonly text: string;
  /** null while the message is being sent: then no name is shown as a mention yet. */
  readonly mentions: MentionInfo | null;
  /** @default the boxes of tasks cannot be ticked */
  readonly setTask?: SetTask | undefined;
  /** The author's name, which an action (`/me waves`) begins with. @default none */
  readonly actor?: string | undefined;
}

interface Viewer {
  readonly me: Me;
  readonly mentions: MentionInfo | null;
  readonly setTask: SetTask | undefined;
  readonly actor: string | undefined;
}

/** Renders a message with its markup. Elements are created from the parser's result only: text stays text. */
export const MessageText = memo(function MessageText({ text, mentions, setTask, actor }: MessageTextProps) {
  const me = useMe();
  const viewer: Viewer = { me, mentions, setTask, actor };
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
  return text.length <= MAX_EMOJI_ONLY_CHARS && BEYOND_LATIN.test(text) && EMOJI_ONLY.test(qualifyEmoji(text));
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
    case "action":
      return (
        <p key={key} className={styles.action}>
          {viewer.actor !== undefined && <bdi>{viewer.actor}</bdi>} {renderInlines(block.children, viewer)}
        </p>
      );
    case "heading":
      // All of one level for screen readers: messages of many people form no outline, and authors skip levels.
      return (
        <h2 key={key} className={styles.heading} data-level={block.level}>
          {renderInlines(block.children, viewer)}
        </h2>
      );
    case "rule":
      return <hr key={key} className={styles.rule} />;
    case "table":
      return renderTable(block, key, viewer);
    case "code":
      return <CodeBlock key={key} text={block.text} language={block.language} />;
    case "quote":
      return (
        <blockquote key={key} className={styles.quote}>
          {block.children.map((child, at) => renderBlock(child, at, viewer))}
        </blockquote>
      );
    case "list": {
      const items = block.items.map((item, index) => {
        const task = block.tasks?.[index];
        const content = item.map((child, childIndex) => renderBlock(child, childIndex, viewer));
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never move.
        if (task === undefined) return <li key={index}>{content}</li>;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never move.
          <li key={index} className={styles.task} data-done={task.isDone || undefined}>
            <input
              type="checkbox"
              aria-label={toPlainText(item).slice(0, MAX_LABEL_CHARS)}
              checked={task.isDone}
              disabled={viewer.setTask === undefined}
              onChange={({ target }) => viewer.setTask?.(task.position, { isDone: target.checked })}
            />
            <div>{content}</div>
          </li>
        );
      });
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

const MAX_LABEL_CHARS = 200;

function renderTable({ header, rows, alignments }: Table, key: number, viewer: Viewer): ReactNode {
  const align = (column: number) => alignments[column] ?? undefined;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls, so the keyboard must reach it.
    <div key={key} className={styles.scroll} tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            {header.map((cell, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never move.
              <th key={column} scope="col" data-align={align(column)}>
                {renderInlines(cell, viewer)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never move.
            <tr key={at}>
              {row.map((cell, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never move.
                <td key={column} data-align={align(column)}>
                  {renderInlines(cell, viewer)}
                </td>
              ))}
              {row.length < header.length && <td colSpan={header.length - row.length} />}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
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
    case "spoiler":
      // Another text after an edit is hidden again.
      return <Spoiler key={JSON.stringify(part.children)}>{renderInlines(part.children, viewer)}</Spoiler>;
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
