import type { Author, LogEvent, MemberState } from "@multichat/protocol";
import type { Account } from "../accounts/accounts.ts";
import type { StoredRoom } from "../store/store.ts";

/** What goes out, shaped in one place; nothing else in the product sends to the layer. Call only after the commit. */
export interface Broadcasts {
  logged(room: StoredRoom, event: LogEvent): Promise<void>;
  entered(room: StoredRoom, user: Author, except: string): Promise<void>;
  left(room: StoredRoom, user: Author): Promise<void>;
  roomAltered(room: StoredRoom): Promise<void>;
  roomDeleted(room: { id: string; number: number }): Promise<void>;
  accountChanged(account: Account): Promise<void>;
  sessionEnded(
    user: string,
    ended: { session: string | null; keep?: string | undefined; banned?: boolean },
  ): Promise<void>;
  markerMoved(user: string, room: string, state: MemberState): Promise<void>;
}
