import type { Role } from "@multichat/protocol";
import type { Packing } from "../database/packing.ts";
import type { CountedState } from "./markers.ts";

export interface MarkersQuery {
  readonly user: string;
  readonly rooms: readonly string[];
}

type States = ReadonlyMap<string, CountedState>;
type PackedStates = readonly [rooms: readonly string[], roles: readonly (Role | null)[], numbers: Float64Array];

const NUMBERS_PER_ROOM = 6;
/** Stands for null. */
const NOT_MUTED = -1;

/** The packing of the states of a user in many rooms, as columns: a list of a thousand rooms has a thousand of them. */
export const markersPacking: Packing<MarkersQuery, States> = {
  argsSize: 2,
  resultSize: 3,
  packArgs: ({ user, rooms }) => [user, rooms],
  unpackArgs: (values, at) => ({ user: values[at] as string, rooms: values[at + 1] as readonly string[] }),
  packResult(states): PackedStates {
    const numbers = new Float64Array(states.size * NUMBERS_PER_ROOM);
    const roles: (Role | null)[] = [];
    for (const { lastSeq, state } of states.values()) {
      const { role, mutedUntil, readSeq, readRevision = 0, unread, mentions } = state;
      numbers.set(
        [lastSeq, mutedUntil ?? NOT_MUTED, readSeq, unread, mentions, readRevision],
        roles.length * NUMBERS_PER_ROOM,
      );
      roles.push(role);
    }
    return [[...states.keys()], roles, numbers];
  },
  unpackResult(values, at) {
    // Packed by `packResult`.
    const [rooms, roles, numbers] = values.slice(at, at + 3) as unknown as PackedStates;
    const states = new Map<string, CountedState>();
    for (const [index, room] of rooms.entries()) {
      const first = index * NUMBERS_PER_ROOM;
      const mutedUntil = numbers[first + 1] ?? NOT_MUTED;
      const readRevision = numbers[first + 5] ?? 0;
      const state = {
        role: roles[index] ?? null,
        mutedUntil: mutedUntil === NOT_MUTED ? null : mutedUntil,
        readSeq: numbers[first + 2] ?? 0,
        ...(readRevision > 0 && { readRevision }),
        unread: numbers[first + 3] ?? 0,
        mentions: numbers[first + 4] ?? 0,
      };
      states.set(room, { lastSeq: numbers[first] ?? 0, state });
    }
    return states;
  },
};
