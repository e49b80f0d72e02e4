import type { Block, Task } from "./blocks.ts";
import type { Inline } from "./inline.ts";

/** Stands for the text of a spoiler, in every language. */
const HIDDEN = "[…]";

/** Returns a message's text on one line without its markup and its spoilers, for quotes, previews and screen readers. */
export function toPlainText(blocks: readonly Block[]): string {
  return new PlainText({ showsSpoilers: false }).ofBlocks(blocks).replace(/\s+/g, " ").trim();
}

/**
 * Like `toPlainText`, of a text that may have been cut off, such as the excerpt of a reply: a spoiler whose end is missing hides
 * everything after its beginning.
 */
export function excerptToPlainText(blocks: readonly Block[], { isCut }: { readonly isCut: boolean }): string {
  const text = toPlainText(blocks);
  if (!isCut) return text;
  // A half of a code span or a link may have left the end of a spoiler to what is inside it.
  const hasHalf = /[`[\]]/.test(new PlainText({ showsSpoilers: true }).ofBlocks(blocks));
  const spoiler = hasHalf ? text.indexOf(HIDDEN) : -1;
  const shown = spoiler === -1 ? text : text.slice(0, spoiler + HIDDEN.length);
  // In a row of a table, the pipes of a spoiler whose end is missing are the borders of an empty cell.
  const opened = shown.search(/\|\|(?=[^\s|])|(?<=[|·] )\| ?(?=\S)/);
  return opened === -1 ? shown : shown.slice(0, opened) + HIDDEN;
}

class PlainText {
  readonly #showsSpoilers: boolean;

  constructor({ showsSpoilers }: { readonly showsSpoilers: boolean }) {
    this.#showsSpoilers = showsSpoilers;
  }

  ofBlocks(blocks: readonly Block[]): string {
    return blocks
      .map((block) => this.#ofBlock(block))
      .filter((text) => text !== "")
      .join(" ");
  }

  #ofBlock(block: Block): string {
    switch (block.kind) {
      case "paragraph":
      case "action":
      case "heading":
        return this.#ofInlines(block.children);
      case "code":
        return block.text;
      case "rule":
        return "";
      case "quote":
        return this.ofBlocks(block.children);
      case "list":
        return block.items.map((item, index) => getBox(block.tasks?.[index]) + this.ofBlocks(item)).join(" · ");
      case "table":
        return [block.header, ...block.rows]
          .map((row) => row.map((cell) => this.#ofInlines(cell)).join(" | "))
          .join(" · ");
    }
  }

  #ofInlines(parts: readonly Inline[]): string {
    return parts.map((part) => this.#ofInline(part)).join("");
  }

  #ofInline(part: Inline): string {
    switch (part.kind) {
      case "text":
      case "code":
      case "mention":
        return part.text;
      case "spoiler":
        return this.#showsSpoilers ? this.#ofInlines(part.children) : HIDDEN;
      default:
        return this.#ofInlines(part.children);
    }
  }
}

function getBox(task: Task | undefined): string {
  if (task === undefined) return "";
  return task.isDone ? "☑ " : "☐ ";
}
