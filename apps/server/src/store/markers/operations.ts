import { concurrentWrite, packedRead, read } from "../database/operation.ts";
import { getMarker, getMarkers, moveMarker } from "./markers.ts";
import { markersPacking } from "./markers-packing.ts";

export const markerOperations = {
  /** Returns the state of a user in a room. */
  get: read(getMarker),
  /** Returns the states of a user in rooms, by room, as of the heads of their logs; a room that does not exist has none. */
  getMany: packedRead(getMarkers, markersPacking),
  /**
   * Moves the user's read marker, at most to the end of the log: forward, or anywhere with a higher revision. A lower revision
   * changes nothing.
   */
  move: concurrentWrite(moveMarker, ({ user, room }) => `${user} ${room}`),
};
