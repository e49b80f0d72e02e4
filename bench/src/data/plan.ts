import { fileURLToPath } from "node:url";

/** What a database is filled with. The same plan makes the same rooms, members and texts. */
export interface DataPlan {
  readonly messages: number;
  readonly rooms: number;
  /** Messages of the largest room. */
  readonly largest: number;
  /** Accounts that can sign in; each writes. */
  readonly users: number;
  readonly seed: number;
}

export const FULL_DATA: DataPlan = { messages: 1_000_000, rooms: 1_000, largest: 300_000, users: 40, seed: 1 };
export const SMALL_DATA: DataPlan = { messages: 20_000, rooms: 100, largest: 6_000, users: 12, seed: 1 };

/** A fifth of the rooms is open; the others are private. */
export const OPEN_SHARE = 0.2;
/** The user who is a member of every room, and has read nothing since. */
export const MEMBER_OF_ALL = 0;
/** A user who sees the open rooms alone, and has read nothing either. */
export const MEMBER_OF_NONE = 1;

export function openRoomsOf({ rooms }: DataPlan): number {
  return Math.max(1, Math.round(rooms * OPEN_SHARE));
}

/** Returns where the database of a plan is kept. */
export function folderOf({ messages, rooms, largest, users, seed }: DataPlan): string {
  const name = [messages, rooms, largest, users, seed].join("-");
  return fileURLToPath(new URL(`../../../.cache/bench-data/${name}`, import.meta.url));
}
