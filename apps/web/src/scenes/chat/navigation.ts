import { useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { navigate } from "wouter/use-browser-location";
import {
  addressOf,
  type Columns,
  closeColumn,
  parseColumns,
  parseRoomNumber,
  showBeside,
  showRoom,
} from "./columns.ts";

/** @returns the columns that an address stands for; undefined where it is none of a room. */
export function columnsOf(path: string, search: string): Columns | undefined {
  const number = parseRoomNumber(/^\/rooms\/([^/]+)$/.exec(path)?.[1]);
  return number === undefined ? undefined : parseColumns(number, search);
}

/** Goes to a message of a room whose column is open, and leaves the other columns as they are. */
export function goToMessage(room: number, seq: number): void {
  const columns = columnsOf(location.pathname, location.search);
  navigate(addressOf({ ...showRoom(columns, room), seq }));
}

export interface RoomNavigation {
  readonly columns: Columns | undefined;
  /** The address that shows this room. */
  readonly hrefOf: (room: number) => string;
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
    const columns = columnsOf(path, search);
    return {
      columns,
      hrefOf: (room) => addressOf(showRoom(columns, room)),
      show: (room) => navigate(addressOf(showRoom(columns, room))),
      showBeside: (room) => navigate(addressOf(showBeside(columns, room))),
      activate(room) {
        if (columns === undefined || columns.active === room) return;
        navigate(addressOf(showRoom(columns, room)), { replace: true });
      },
      close(room) {
        const left = columns === undefined ? undefined : closeColumn(columns, room);
        navigate(left === undefined ? "/" : addressOf(left));
      },
    };
  }, [path, search]);
}
