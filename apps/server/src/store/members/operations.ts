import { read, write } from "../database/operation.ts";
import { listBans } from "./bans.ts";
import { addMember, changeMember, removeMember } from "./change-members.ts";
import { findMember, listMembers, listMembershipsOf } from "./find-members.ts";

export const memberOperations = {
  find: read(findMember),
  /** Returns the first members by role, then name; `count` is that of all. */
  list: read(listMembers),
  /** Returns the newest bans; `count` is that of all. */
  listBans: read(listBans),
  /** Returns the memberships of a user, by room; those of deleted rooms are left out. */
  listByUser: read(listMembershipsOf),
  /** Adds a member, without an event where the user is one already. A ban is not lifted: the result is `banned`. */
  add: write(addMember),
  /** Removes a member, bans a user, or lifts a ban. */
  remove: write(removeMember),
  /** Changes the role or the mute of a member. */
  change: write(changeMember),
};
