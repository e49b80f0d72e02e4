import { useEffect } from "react";
import { chat } from "../connection/chat.ts";
import { countUnread, createBadgedIcon, formatTitle, type UnreadTotals } from "./unread-totals.ts";

/** Milliseconds within which any number of changes are drawn once. */
const REDRAW_INTERVAL_MS = 250;

let pageName = "";
let totals: UnreadTotals = { unread: 0, mentions: 0 };

function renderTitle(): void {
  document.title = formatTitle(pageName, totals);
}

function renderIcon(): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (icon !== null) icon.href = totals.mentions === 0 ? "/favicon.svg" : createBadgedIcon(totals.mentions);
}

/** Keeps the tab's name and icon level with what waits to be read. */
export function startUnreadTitle(): void {
  let scheduled = false;
  chat.rooms.subscribe(() => {
    if (scheduled) return;
    scheduled = true;
    setTimeout(() => {
      scheduled = false;
      const before = totals;
      totals = countUnread(chat.rooms.get().rooms);
      if (totals.unread !== before.unread) renderTitle();
      if (totals.mentions !== before.mentions) renderIcon();
    }, REDRAW_INTERVAL_MS);
  });
}

/** Names the page in the browser's tab. @param off leaves the title to somebody else */
export function useTitle(name: string, { off = false }: { readonly off?: boolean } = {}): void {
  useEffect(() => {
    if (off) return;
    pageName = name;
    renderTitle();
  }, [name, off]);
}
