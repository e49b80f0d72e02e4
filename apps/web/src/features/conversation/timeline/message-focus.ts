import type { KeyboardEvent } from "react";

/** Keyboard focus in the list of messages. */

const MESSAGE_SELECTOR = "[data-message]";

/** Returns the id of the message that an element belongs to. */
export function getMessageId(target: EventTarget): string | undefined {
  const row = target instanceof Element ? target.closest<HTMLElement>(MESSAGE_SELECTOR) : null;
  return row?.dataset.message;
}

/** Whether a key pressed on a message itself, not on an element inside it, opens the message's menu. */
export function isMenuKey(event: KeyboardEvent<HTMLElement>): boolean {
  const onRow = event.target instanceof Element && event.target.matches(MESSAGE_SELECTOR);
  const menuKey = event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey);
  return onRow && (event.key === "Enter" || menuKey);
}

/** Moves the focus to the next message; from the list itself to the last visible one. @returns whether there is one */
export function moveFocus(list: HTMLElement, from: EventTarget, step: -1 | 1): boolean {
  const rows = [...list.querySelectorAll<HTMLElement>(MESSAGE_SELECTOR)];
  const current = from instanceof Element ? from.closest<HTMLElement>(MESSAGE_SELECTOR) : null;
  const next = current === null ? findLastVisible(list, rows) : rows[rows.indexOf(current) + step];
  if (next === undefined) return false;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function findLastVisible(list: HTMLElement, rows: readonly HTMLElement[]): HTMLElement | undefined {
  const { top, bottom } = list.getBoundingClientRect();
  return rows.findLast((row) => {
    const box = row.getBoundingClientRect();
    return box.bottom > top && box.top < bottom;
  });
}

export function focusMessage(list: HTMLElement | null, id: string): void {
  const row = [...(list?.querySelectorAll<HTMLElement>(MESSAGE_SELECTOR) ?? [])].find(
    ({ dataset }) => dataset.message === id,
  );
  (row ?? list)?.focus({ preventScroll: true });
}
