import { useEffect } from "react";
import { chat } from "../../connection/chat.ts";
import { retryImport } from "../retry-import.ts";
import { isMuted } from "../room-preferences.ts";
import { countUnread, formatTitle, type UnreadTotals } from "./unread-totals.ts";

const REDRAW_INTERVAL_MS = 250;

let pageName = "";
let totals: UnreadTotals = { unread: 0, mentions: 0 };

/** The address of the icon without a badge. */
let plainIcon: string | undefined;

function renderTitle(): void {
  document.title = formatTitle(pageName, totals);
}

async function renderIcon(): Promise<void> {
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (icon === null) return;
  const { createBadgedIcon } = await retryImport(() => import("./badged-icon.ts"));
  plainIcon ??= icon.href;
  icon.href = totals.mentions === 0 ? plainIcon : createBadgedIcon(totals.mentions);
}

/** Keeps the tab's title and icon up to date with the unread messages. */
export function startUnreadTitle(): void {
  let scheduled = false;
  const update = (): void => {
    if (scheduled) return;
    scheduled = true;
    setTimeout(() => {
      scheduled = false;
      const before = totals;
      totals = countUnread(chat.rooms.get().rooms, isMuted);
      if (totals.unread !== before.unread) renderTitle();
      if (totals.mentions !== before.mentions) void renderIcon();
    }, REDRAW_INTERVAL_MS);
  };
  chat.rooms.subscribe(update);
  chat.preferences.subscribe(update);
}

/** Sets the page's name in the tab's title, unless `off`. */
export function useTitle(name: string, { off = false }: { readonly off?: boolean } = {}): void {
  useEffect(() => {
    if (off) return;
    pageName = name;
    renderTitle();
  }, [name, off]);
}
