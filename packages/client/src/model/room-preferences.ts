import type { RoomPreference } from "@multichat/protocol";
import type { Readable } from "../core/readable.ts";

/** What `preferences.set` changes; what is left out stays. */
export type RoomPreferenceChange = Partial<Pick<RoomPreference, "notify" | "starred">>;

/**
 * What the user has set for rooms, the same on all devices, by the room's id; the same map until something changes. A room that is
 * missing has the level `default` and no star.
 */
export interface RoomPreferences extends Readable<ReadonlyMap<string, RoomPreference>> {
  /**
   * Changes what is given at once, and on the server: again after a lost reply. Takes it back and rejects as `request` where the
   * server refuses it.
   */
  readonly set: (room: string, change: RoomPreferenceChange) => Promise<void>;
}
