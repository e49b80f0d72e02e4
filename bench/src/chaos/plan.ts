import type { Random } from "../clients/random.ts";

/** The parameters of a chaos run. */
export interface ChaosPlan {
  readonly clients: number;
  readonly rooms: number;
  readonly minutes: number;
  /** Faults of what runs on the servers' side: kills of the server, and with several ones the other outages too. */
  readonly kills: number;
  /** 1: a server on SQLite; more: a cluster on PostgreSQL and Redis. */
  readonly servers: number;
  readonly seed: number;
  /** Rooms that each client is in. */
  readonly roomsPerClient: number;
  /** Clients that share one account. */
  readonly devicesPerUser: number;
  /** Seconds between two actions of one client, on average. */
  readonly actIntervalSeconds: number;
  /** Seconds between two faults of one connection, on average. */
  readonly faultIntervalSeconds: number;
  /** Seconds that the clients have to catch up at the end. */
  readonly timeoutSeconds: number;
}

export const CHAOS_DEFAULTS: Omit<ChaosPlan, "seed"> = {
  clients: 1_000,
  rooms: 50,
  minutes: 4,
  kills: 10,
  servers: 1,
  roomsPerClient: 5,
  devicesPerUser: 5,
  actIntervalSeconds: 20,
  faultIntervalSeconds: 30,
  timeoutSeconds: 180,
};

/** Returns when a fault of the servers begins, in milliseconds from the start: at a random time in each of as many equal parts. */
export function killTimes({ minutes, kills }: ChaosPlan, random: Random): number[] {
  const part = (minutes * 60_000) / Math.max(1, kills);
  return Array.from({ length: kills }, (_, index) => part * (index + random.between(0.15, 0.85)));
}

/** The emoji that each of a user's devices reacts with. */
const EMOJI = ["👍", "🎉", "❤️", "😄", "🚀", "👀", "🙏", "🔥", "✅", "😮"] as const;

export function emojiOf(device: number): string {
  return EMOJI[device] ?? "❓";
}

export const MAX_DEVICES: number = EMOJI.length;
