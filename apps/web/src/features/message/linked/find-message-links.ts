import type { Block, Inline } from "@multichat/protocol/markup";
import { parseCached } from "../../../markup/parse-cached.ts";
import { parseColumns, parseRoomNumber } from "../../../navigation/columns.ts";
import { pathWithin } from "../../../state/address.ts";

/** A link to a message of this chat. */
export interface MessageLink {
  /** The room's number. */
  readonly room: number;
  readonly seq: number;
}

/** More would hide the message that has the links. */
export const MAX_SHOWN_LINKS = 3;

/**
 * Returns the first messages that a text links to, each once. Links in quotes and spoilers are left out: what they lead to was
 * quoted, or is to be hidden.
 */
export function findMessageLinks(text: string, origin: string = location.origin): readonly MessageLink[] {
  if (!text.includes("/rooms/")) return [];
  const found = new Map<string, MessageLink>();
  for (const block of parseCached(text)) collectFromBlock(block);
  return [...found.values()].slice(0, MAX_SHOWN_LINKS);

  function collectFromBlock(block: Block): void {
    switch (block.kind) {
      case "paragraph":
      case "action":
      case "heading":
        block.children.forEach(collectFromInline);
        break;
      case "list":
        block.items.flat().forEach(collectFromBlock);
        break;
      case "table":
        [...block.header, ...block.rows.flat()].flat().forEach(collectFromInline);
    }
  }

  function collectFromInline(part: Inline): void {
    if (part.kind === "link") {
      const link = parseMessageLink(part.href, origin);
      if (link !== undefined) found.set(`${link.room}/${link.seq}`, link);
    } else if (part.kind === "strong" || part.kind === "emphasis" || part.kind === "strikethrough") {
      part.children.forEach(collectFromInline);
    }
  }
}

function parseMessageLink(href: string, origin: string): MessageLink | undefined {
  const url = new URL(href);
  if (url.origin !== origin) return undefined;
  const room = parseRoomNumber(/^\/rooms\/([^/]+)\/?$/.exec(pathWithin(url.pathname) ?? "")?.[1]);
  if (room === undefined) return undefined;
  const { seq } = parseColumns(room, url.search);
  return seq === undefined ? undefined : { room, seq };
}
