import { useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { navigate } from "wouter/use-browser-location";
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

/** @returns the columns that an address stands for; undefined where it is none of a room. */
export function parseRoomAddress(path: string, search: string): Columns | undefined {
  const number = parseRoomNumber(/^\/rooms\/([^/]+)$/.exec(path)?.[1]);
  return number === undefined ? undefined : parseColumns(number, search);
}

/** Whether the details lie over the conversations now. */
export function isConversationCovered(): boolean {
  return !fitsThreePanes() && parseRoomAddress(location.pathname, location.search)?.pane !== undefined;
}

/** Where the details stand in the conversation's place, going to a conversation leaves them. */
function withoutCoveringPane(columns: Columns | undefined): Columns | undefined {
  return columns === undefined || fitsThreePanes() ? columns : withoutPane(columns);
}

/** The address of a message: in the column of its room where that is open, else in place of the active one. */
export function getMessageHref(columns: Columns | undefined, room: number, seq: number): string {
  return formatRoomAddress({ ...showRoom(withoutCoveringPane(columns), room), seq });
}

/** Changes with each way to a message: also to the one that the address points at already, and that one has scrolled away from. */
export const messageJumps: Store<number> = createStore(0);

/** Goes to a message of any room, and leaves the other columns as they are. */
export function goToMessage(room: number, seq: number): void {
  messageJumps.set((before) => before + 1);
  navigate(getMessageHref(parseRoomAddress(location.pathname, location.search), room, seq));
}

/** Shows a room as `RoomNavigation.show` does, for those who do not follow the address. */
export function goToRoom(room: number): void {
  navigate(
    formatRoomAddress(showRoom(withoutCoveringPane(parseRoomAddress(location.pathname, location.search)), room)),
  );
}

/** Kept with the step in the browser's history that opened the details: closing them goes that step back. */
const OPENED_BY_PAGE = { pane: "opened" };

function wasOpenedByPage(): boolean {
  const state: unknown = history.state;
  return typeof state === "object" && state !== null && "pane" in state && state.pane === OPENED_BY_PAGE.pane;
}

/** What had the focus when the details were opened; undefined once somebody has taken care of it. */
let opener: HTMLElement | undefined;

export function takeOpener(): HTMLElement | undefined {
  const element = opener;
  opener = undefined;
  return element;
}

/**
 * Shows details of a room, which becomes the active one.
 * @param enter the focus goes there also where other details are open. @default false
 */
export function openPane(room: number, pane: Pane, enter = false): void {
  const columns = parseRoomAddress(location.pathname, location.search);
  const sameRoom = columns?.active === room;
  // From one detail to another is no step of its own.
  const replace = sameRoom && columns.pane !== undefined;
  if ((enter || !replace) && document.activeElement instanceof HTMLElement) opener = document.activeElement;
  const current = sameRoom ? columns : showRoom(columns, room);
  navigate(formatRoomAddress({ ...current, pane }), { replace, state: replace ? history.state : OPENED_BY_PAGE });
}

export function closePane(): void {
  const columns = parseRoomAddress(location.pathname, location.search);
  if (columns?.pane === undefined) return;
  if (wasOpenedByPage()) history.back();
  else navigate(formatRoomAddress(withoutPane(columns)), { replace: true });
}

export interface RoomNavigation {
  readonly columns: Columns | undefined;
  /** The address that shows this room. */
  readonly getHref: (room: number) => string;
  readonly show: (room: number) => void;
  readonly showBeside: (room: number) => void;
  /** A column was clicked into: it is the active one now. No step back is kept of that. */
  readonly activate: (room: number) => void;
  readonly close: (room: number) => void;
}

/** Moves between rooms by way of the address, so that back, reload and links work. */
export function useRoomNavigation(): RoomNavigation {
  const [path] = useLocation();
  const search = useSearch();
  return useMemo(() => {
    const columns = parseRoomAddress(path, search);
    return {
      columns,
      getHref: (room) => formatRoomAddress(showRoom(withoutCoveringPane(columns), room)),
      show: (room) => navigate(formatRoomAddress(showRoom(withoutCoveringPane(columns), room))),
      showBeside: (room) => navigate(formatRoomAddress(showRoomBeside(withoutCoveringPane(columns), room))),
      activate(room) {
        if (columns === undefined || columns.active === room) return;
        navigate(formatRoomAddress(showRoom(columns, room)), { replace: true });
      },
      close(room) {
        const remaining = columns === undefined ? undefined : closeColumn(columns, room);
        navigate(remaining === undefined ? "/" : formatRoomAddress(remaining));
      },
    };
  }, [path, search]);
}
