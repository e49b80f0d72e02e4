import type { Random } from "../crowd/random.ts";

/** What a run of chaos is made of. */
export interface ChaosPlan {
  readonly clients: number;
  readonly rooms: number;
  readonly minutes: number;
  readonly kills: number;
  readonly seed: number;
  /** Rooms that each client is in. */
  readonly roomsEach: number;
  /** Devices of one person: so many clients share an account. */
  readonly devices: number;
  /** Seconds between two things that one client does, on average. */
  readonly actEvery: number;
  /** Seconds between two faults of one connection, on average. */
  readonly faultEvery: number;
  /** Seconds that the clients have to come level once it is quiet. */
  readonly patience: number;
}

export const chaosDefaults: Omit<ChaosPlan, "seed"> = {
  clients: 1_000,
  rooms: 50,
  minutes: 4,
  kills: 10,
  roomsEach: 5,
  devices: 5,
  actEvery: 20,
  faultEvery: 30,
  patience: 180,
};

/** When the server is killed, in milliseconds from the beginning: one in each of as many equal parts of the time, at random. */
export function killTimes({ minutes, kills }: ChaosPlan, random: Random): number[] {
  const part = (minutes * 60_000) / Math.max(1, kills);
  return Array.from({ length: kills }, (_, index) => part * (index + random.between(0.15, 0.85)));
}

/** The emoji that tell a person's devices apart. */
const EMOJI = ["👍", "🎉", "❤️", "😄", "🚀", "👀", "🙏", "🔥", "✅", "😮"] as const;

export function emojiOf(device: number): string {
  return EMOJI[device] ?? "❓";
}

export const mostDevices: number = EMOJI.length;
