import type { HistoryPage, Reply } from "@multichat/protocol";
import { JsonText } from "../../access/json-text.ts";

/** Returns a reply as JSON. `textOf` returns the JSON of a page that was made before, for many replies. */
export function stringifyReply(reply: Reply, textOf: (page: HistoryPage) => string | undefined): string {
  if ("ok" in reply && reply.ok instanceof JsonText) return `{"re":${reply.re},"ok":${reply.ok.text}}`;
  if ("ok" in reply && typeof reply.ok === "object" && reply.ok !== null && "page" in reply.ok) {
    const { page, ...rest } = reply.ok as { readonly page: HistoryPage };
    const text = textOf(page);
    // The rest of an answer with a page is never empty.
    if (text !== undefined) return `${JSON.stringify({ re: reply.re, ok: rest }).slice(0, -2)},"page":${text}}}`;
  }
  return JSON.stringify(reply);
}
