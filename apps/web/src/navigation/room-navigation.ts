import { useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { currentPath, goTo } from "../state/address.ts";
import { fitsThreePanes } from "../state/media.ts";
import { createStore, type Store } from "../state/store.ts";
import {
  type Columns,
  closeColumn,
  formatRoomAddress,
  parseColumns,
  parseRoomNumber,
  showRoom,
  showRoomBeside,
  withoutPane,
} from "./columns.ts";
import type { Pane } from "./pane-address.ts";

/** Parses an address; undefined when it is not that of a room. */
export function parseRoomAddress(path: string, search: string): Columns | undefined {
  const number = parseRoomNumber(/^\/rooms\/([^/]+)$/.exec(path)?.[1]);
  return number === undefined ? undefined : parseColumns(number, search);
}

/** Whether the details pane covers the conversations now. */
export function isConversationCovered(): boolean {
  return !fitsThreePanes() && parseRoomAddress(currentPath(), location.search)?.pane !== undefined;
}

/** Where the details pane covers the conversation, going to a conversation closes it. */
function withoutCoveringPane(columns: Columns | undefined): Columns | undefined {
  return columns === undefined || fitsThreePanes() ? columns : withoutPane(columns);
}

/** Returns the address of a message: in its room's column if that is open, else in place of the active room. */
export function getMessageHref(columns: Columns | undefined, room: number, seq: number): string {
  return formatRoomAddress({ ...showRoom(withoutCoveringPane(columns), room), seq });
}

/** Counts navigations to a message, including those to the message that the address already names. */
export const messageJumps: Store<number> = createStore(0);

/** Goes to a message of any room; the other columns stay. */
export function goToMessage(room: number, seq: number): void {
  messageJumps.set((previous) => previous + 1);
  goTo(getMessageHref(parseRoomAddress(currentPath(), location.search), room, seq));
}

/** Does what `RoomNavigation.show` does, for callers that do not subscribe to the address. */
export function goToRoom(room: number): void {
  goTo(formatRoomAddress(showRoom(withoutCoveringPane(parseRoomAddress(currentPath(), location.search)), room)));
}

/** Marks the history entry that opened the details pane: closing the pane then goes back instead of adding an entry. */
const OPENED_BY_PAGE = { pane: "opened" };

function wasOpenedByPage(): boolean {
  const state: unknown = history.state;
  return typeof state === "object" && state !== null && "pane" in state && state.pane === OPENED_BY_PAGE.pane;
}

/** The element that had the focus when the pane was opened; undefined once it has been taken over. */
let opener: HTMLElement | undefined;

export function takeOpener(): HTMLElement | undefined {
  const element = opener;
  opener = undefined;
  return element;
}

/** Opens a details pane of a room and activates the room. With `moveFocus`, the focus moves there even if a pane is already open. */
export function openPane(room: number, pane: Pane, { moveFocus = false }: { readonly moveFocus?: boolean } = {}): void {
  const columns = parseRoomAddress(currentPath(), location.search);
  const sameRoom = columns?.active === room;
  // Switching between panes adds no history entry.
  const replace = sameRoom && columns.pane !== undefined;
  if ((moveFocus || !replace) && document.activeElement instanceof HTMLElement) opener = document.activeElement;
  const current = sameRoom ? columns : showRoom(columns, room);
  goTo(formatRoomAddress({ ...current, pane }), { replace, state: replace ? history.state : OPENED_BY_PAGE });
}

export function closePane(): void {
  const columns = parseRoomAddress(currentPath(), location.search);
  if (columns?.pane === undefined) return;
  if (wasOpenedByPage()) history.back();
  else goTo(formatRoomAddress(withoutPane(columns)), { replace: true });
}

export interface RoomNavigation {
  readonly columns: Columns | undefined;
  /** Returns the address that shows this room. */
  readonly getHref: (room: number) => string;
  readonly show: (room: number) => void;
  readonly showBeside: (room: number) => void;
  /** Makes a column the active one, without a history entry. */
  readonly activate: (room: number) => void;
  readonly close: (room: number) => void;
}

/** Navigates between rooms through the address, so that back, reload and links work. */
export function useRoomNavigation(): RoomNavigation {
  const [path] = useLocation();
  const search = useSearch();
  return useMemo(() => {
    const columns = parseRoomAddress(path, search);
    return {
      columns,
      getHref: (room) => formatRoomAddress(showRoom(withoutCoveringPane(columns), room)),
      show: (room) => goTo(formatRoomAddress(showRoom(withoutCoveringPane(columns), room))),
      showBeside: (room) => goTo(formatRoomAddress(showRoomBeside(withoutCoveringPane(columns), room))),
      activate(room) {
        if (columns === undefined || columns.active === room) return;
        goTo(formatRoomAddress(showRoom(columns, room)), { replace: true });
      },
      close(room) {
        const remaining = columns === undefined ? undefined : closeColumn(columns, room);
        goTo(remaining === undefined ? "/" : formatRoomAddress(remaining));
      },
    };
  }, [path, search]);
}
