import { toPlainText as blocksToPlainText } from "@multichat/protocol/markup";
import { parseCached } from "./parse-cached.ts";

/** Returns a message's text on one line without its markup, for quotes, previews, notifications and screen readers. */
export function toPlainText(text: string): string {
  return blocksToPlainText(parseCached(text));
}
