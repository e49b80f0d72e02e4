import type { ChannelLayer } from "../channel-layer.ts";
import {
  type ControlCallOptions,
  type DisconnectOptions,
  GroupControl,
  type MemberCount,
  type MemberList,
  type MemberListOptions,
} from "./group-control.ts";

export interface GroupMembersOptions extends ControlCallOptions {
  /** Only this user's connections. */
  readonly user?: string;
}

/**
 * The members of a group over all processes that have started `GroupControl` (L19 to L22). The first call of a process starts it
 * there if the program has not, and waits for another process for up to two seconds; until a process has started it, it is in
 * `silentProcesses`.
 */
export interface GroupMembers {
  /** Returns how many members the group has (L19). */
  count(options?: ControlCallOptions): Promise<MemberCount>;
  /** Returns the members, by the names of their channels (L20); see `GroupControl.members`. */
  members(options?: MemberListOptions): Promise<MemberList>;
  /** Closes the members' connections (L21); see `GroupControl.disconnect`. */
  disconnect(options?: GroupMembersOptions & DisconnectOptions): Promise<MemberCount>;
  /** Moves the members to another group (L22). */
  move(to: string, options?: GroupMembersOptions): Promise<MemberCount>;
}

/** Returns the members of a group. */
export function groupMembers(layer: ChannelLayer, group: string): GroupMembers {
  // Looked up with each call: one that was closed is started again.
  const control = () => GroupControl.start(layer);
  return {
    count: async (options) => (await control()).count(group, options),
    members: async (options) => (await control()).members(group, options),
    disconnect: async ({ user, ...options } = {}) =>
      (await control()).disconnect(user === undefined ? { group } : { group, user }, options),
    move: async (to, { user, ...options } = {}) =>
      (await control()).move({ from: group, to, ...(user === undefined ? {} : { user }) }, options),
  };
}
