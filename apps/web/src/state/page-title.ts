import { useEffect } from "react";
import { chat } from "../connection/chat.ts";
import { badgedIcon, titleOf, type Waiting, waitingIn } from "./unread-totals.ts";

/** Milliseconds within which any number of changes are drawn once. */
const CALM = 250;

let place = "";
let waiting: Waiting = { unread: 0, calls: 0 };

function draw(): void {
  document.title = titleOf(place, waiting);
}

function drawIcon(): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (icon !== null) icon.href = waiting.calls === 0 ? "/favicon.svg" : badgedIcon(waiting.calls);
}

/** Keeps the tab's name and icon level with what waits to be read. */
export function followWaiting(): void {
  let due = false;
  chat.rooms.subscribe(() => {
    if (due) return;
    due = true;
    setTimeout(() => {
      due = false;
      const before = waiting;
      waiting = waitingIn(chat.rooms.get().rooms);
      if (waiting.unread !== before.unread) draw();
      if (waiting.calls !== before.calls) drawIcon();
    }, CALM);
  });
}

/** Names the page in the browser's tab. @param off leaves the title to somebody else */
export function useTitle(name: string, { off = false }: { readonly off?: boolean } = {}): void {
  useEffect(() => {
    if (off) return;
    place = name;
    draw();
  }, [name, off]);
}
