import { read, write } from "../database/operation.ts";
import { changeRoom, deleteRoom } from "./change-room.ts";
import { createRoom, openDirectRoom } from "./create-room.ts";
import { findRoom, listRooms } from "./find-rooms.ts";

export const roomOperations = {
  /**
   * Creates a room whose creator is its first owner (`member.joined`). `events` is empty where the same creator's
   * `clientId` was used before: the result is that room.
   */
  create: write(createRoom),
  /** Opens the direct conversation of two people, and creates it the first time; `events` is empty where it existed. */
  openDirect: write(openDirectRoom),
  /** `unknown`: there is no such room. `event` is undefined where nothing changed. */
  change: write(changeRoom),
  /** `unknown`: there was no such room. A deleted room's number is never given again; its log stays stored. */
  delete: write(deleteRoom),
};

/** For the room cache, which serves every other read of rooms. */
export const roomLoadOperations = {
  list: read(listRooms),
  find: read(findRoom),
};
