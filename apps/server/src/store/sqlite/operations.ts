import type { Kysely } from "kysely";
import { append } from "../sql/append.ts";
import { trimChanges } from "../sql/changes.ts";
import { answers, eventsSince, page } from "../sql/history.ts";
import { markers, moveMarker } from "../sql/markers.ts";
import { renewEpoch, secretOf, takesWrites } from "../sql/meta.ts";
import {
  changePerson,
  countPeople,
  createPerson,
  findPerson,
  listPeople,
  passwordOf,
  setPassword,
} from "../sql/people.ts";
import { runStatement } from "../sql/raw-statement.ts";
import { allRooms, changeRoom, createRoom, deleteRoom, liveRoom } from "../sql/room-rows.ts";
import {
  endExpiredSessions,
  endSession,
  endSessions,
  findSession,
  sessionsOf,
  touchSessions,
} from "../sql/sessions.ts";
import { readSettings, writeSettings } from "../sql/settings.ts";
import type { Tables } from "../sql/tables.ts";
import type { WriteContext } from "../sql/write-context.ts";

/** What the reader can be asked. Each sees one state of the database from beginning to end. */
export const READS = {
  allRooms,
  answers,
  countPeople,
  eventsSince,
  findPerson,
  findSession,
  listPeople,
  liveRoom,
  markers,
  page,
  passwordOf,
  readSettings,
  runStatement,
  sessionsOf,
};

/** What the writer can be asked. Each takes effect as a whole or not at all. */
export const WRITES = {
  append,
  changePerson,
  changeRoom,
  createPerson,
  createRoom,
  deleteRoom,
  endExpiredSessions,
  endSession,
  endSessions,
  moveMarker,
  renewEpoch,
  runStatement: (context: WriteContext, statement: Parameters<typeof runStatement>[1]) =>
    runStatement(context.db, statement),
  secretOf,
  setPassword,
  takesWrites,
  touchSessions,
  trimChanges,
  writeSettings,
};

export type Reads = typeof READS;
export type Writes = typeof WRITES;

type Operation<C> = (context: C, args: never) => Promise<unknown>;

function lookUp<C>(operations: Readonly<Record<string, Operation<C>>>) {
  const byName = new Map(Object.entries(operations));
  return (context: C, name: string, args: unknown): Promise<unknown> => {
    const operation = byName.get(name);
    if (operation === undefined) throw new Error(`there is no operation ${name} on this side`);
    // The types of both sides come from the same tables, through `WorkerClient.call`.
    return operation(context, args as never);
  };
}

export const read = lookUp<Kysely<Tables>>(READS);
export const write = lookUp<WriteContext>(WRITES);
