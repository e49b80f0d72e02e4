import type { KeyboardEvent } from "react";

/** Keyboard focus in the list of messages. */

const MESSAGE_SELECTOR = "[data-message]";
const TAB_STOPS = "a[href], button, input:enabled, [tabindex]";

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

/**
 * The Tab key leaves the list, in both directions: otherwise it would stop at each link of each message, and scrolling to the
 * previous one would load ever more of them. Within the focused message it goes through what the message contains first, and
 * backwards from there to the list itself, whose arrow keys choose another message.
 */
export function leaveOnTab(event: KeyboardEvent<HTMLElement>): void {
  const { currentTarget: list, target, shiftKey } = event;
  const row = target instanceof Element ? target.closest<HTMLElement>(MESSAGE_SELECTOR) : null;
  if (row !== null) {
    const stops = [row, ...[...row.querySelectorAll<HTMLElement>(TAB_STOPS)].filter(isTabStop)];
    // The target itself may be no stop any more, such as a spoiler that was just shown.
    const isBefore = (stop: Element) =>
      (stop.compareDocumentPosition(target as Node) & Node.DOCUMENT_POSITION_FOLLOWING) > 0;
    const next = shiftKey
      ? (stops.findLast((stop) => stop !== target && isBefore(stop)) ?? list)
      : stops.find((stop) => stop !== target && !isBefore(stop));
    if (next !== undefined) {
      event.preventDefault();
      next.focus({ preventScroll: true });
      if (next !== list) next.scrollIntoView({ block: "nearest" });
      return;
    }
  }
  // From the edge of the list, the browser goes to what is next on the page.
  const edge = shiftKey ? list.previousElementSibling : list.nextElementSibling;
  if (edge instanceof HTMLElement) edge.focus({ preventScroll: true });
}

function isTabStop(element: HTMLElement): boolean {
  return element.tabIndex >= 0 && getComputedStyle(element).visibility === "visible";
}

export function focusMessage(list: HTMLElement | null, id: string): void {
  const row = [...(list?.querySelectorAll<HTMLElement>(MESSAGE_SELECTOR) ?? [])].find(
    ({ dataset }) => dataset.message === id,
  );
  (row ?? list)?.focus({ preventScroll: true });
}
