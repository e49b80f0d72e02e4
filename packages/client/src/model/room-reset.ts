import type { HistoryPage } from "@multichat/protocol";

/**
 * A room's log continues from a later seq: events up to `seq` that were not delivered will not be. Happens the first time that
 * a room's log is followed, and when too many events were missed to replay them.
 */
export interface RoomReset {
  readonly on: "client.reset";
  readonly room: string;
  /** The next event is the one after this. */
  readonly seq: number;
  /** The latest messages up to `seq`, where they were requested. */
  readonly page: HistoryPage | null;
}
