import type { Room } from "@multichat/protocol";
import { request } from "./http.ts";

export interface RoomEdit {
  readonly title?: string;
  readonly topic?: string;
  readonly staffOnly?: boolean;
  readonly archived?: boolean;
  readonly kind?: "open" | "private";
  readonly slowModeSeconds?: number;
}

const encodeSegment = encodeURIComponent;

/** Requests that change rooms. Each throws `RequestFailed`. */
export const roomsApi = {
  changeRoom: async (id: string, edit: RoomEdit) =>
    (await request<{ readonly room: Room }>("PATCH", `/api/rooms/${encodeSegment(id)}`, { body: edit })).room,
  deleteRoom: (id: string) => request<unknown>("DELETE", `/api/rooms/${encodeSegment(id)}`),
} as const;
