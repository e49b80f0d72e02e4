import type { Author, LogEvent, MemberState } from "@multichat/protocol";
import type { Account } from "../accounts/accounts.ts";
import type { StoredRoom } from "../store/store.ts";

/**
 * What goes out, shaped in one place; nothing else in the product sends to the layer. Call only after the commit. None of
 * these reject: what is committed stays so when the layer loses its telling, which is logged and made good by `seq`.
 */
export interface Broadcasts {
  logged(room: Pick<StoredRoom, "id" | "number">, event: LogEvent): Promise<void>;
  /** `except`: the channel of the connection that entered. */
  entered(room: Pick<StoredRoom, "id" | "number">, user: Author, except: string): Promise<void>;
  /** `also`: the channel of the connection that left and wants to hear of it, though it is in the group no more. */
  left(room: Pick<StoredRoom, "id" | "number">, user: Author, also?: string): Promise<void>;
  /** Made or changed. */
  roomAltered(room: StoredRoom): Promise<void>;
  roomDeleted(room: Pick<StoredRoom, "id">): Promise<void>;
  accountChanged(account: Account): Promise<void>;
  sessionEnded(
    user: string,
    ended: { session: string | null; keep?: string | undefined; banned?: boolean },
  ): Promise<void>;
  markerMoved(user: string, room: string, state: MemberState): Promise<void>;
}
