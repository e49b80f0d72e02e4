import type { Step } from "../product/plan.ts";

/** What grows while everything else stays the same. */
export const SERIES = ["members", "rooms", "messages", "connections"] as const;
export type Series = (typeof SERIES)[number];

type Load = Pick<Step, "members" | "rooms" | "rate">;

interface SeriesPlan {
  /** What stays the same, for the report. */
  readonly fixed: string;
  readonly xTitle: string;
  readonly sizes: readonly number[];
  readonly load: (size: number) => Load;
}

/** Three orders of magnitude each. */
export const PLANS: Readonly<Record<Series, SeriesPlan>> = {
  members: {
    fixed: "one room, 100 messages/s",
    xTitle: "members of the room",
    sizes: [1, 10, 100, 1_000],
    load: (members) => ({ members, rooms: 1, rate: 100 }),
  },
  rooms: {
    fixed: "1,000 connections, one room each, 100 messages/s",
    xTitle: "rooms",
    sizes: [1, 10, 100, 1_000],
    load: (rooms) => ({ members: 1_000, rooms, rate: 100 }),
  },
  messages: {
    fixed: "10 rooms of 10 members",
    xTitle: "messages/s",
    sizes: [10, 100, 1_000, 10_000],
    load: (rate) => ({ members: 100, rooms: 10, rate }),
  },
  connections: {
    fixed: "rooms of 10, 100 messages/s in all",
    xTitle: "connections",
    sizes: [10, 100, 1_000, 10_000],
    load: (members) => ({ members, rooms: members / 10, rate: 100 }),
  },
};

/** The accounts and rooms that the largest of the loads needs. Connections share accounts. */
export const CHAT_SIZE = { accounts: 100, rooms: 1_000 } as const;
