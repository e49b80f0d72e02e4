import type { MessageKind } from "./model.ts";

/** The `msg_type` values of the original MultiChat example's protocol, `GET /chat/stream/`. */
export const CLASSIC_MESSAGE_TYPES = {
  message: 0,
  warning: 1,
  alert: 2,
  muted: 3,
  entered: 4,
  left: 5,
} as const satisfies Record<MessageKind | "entered" | "left", number>;

/** A frame that the server sends on a classic connection. Rooms are addressed by their number. */
export type ClassicEvent =
  | { readonly join: string; readonly title: string }
  | { readonly leave: string }
  | { readonly error: string }
  | { readonly msg_type: 0 | 1 | 2 | 3; readonly room: number; readonly username: string; readonly message: string }
  | { readonly msg_type: 4 | 5; readonly room: number; readonly username: string };
