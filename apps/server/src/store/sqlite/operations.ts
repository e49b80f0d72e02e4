import type { Kysely } from "kysely";
import { append, posted } from "../sql/append.ts";
import { listBans } from "../sql/bans.ts";
import { claim, trimChanges } from "../sql/changes.ts";
import { deleteMessage } from "../sql/delete-message.ts";
import { editMessage } from "../sql/edit.ts";
import { eventsSince } from "../sql/event-log.ts";
import { answers, page } from "../sql/history.ts";
import { seqOfIntent } from "../sql/intents.ts";
import { markers, moveMarker } from "../sql/markers.ts";
import { findMember, listMembers, roomsOf } from "../sql/member-rows.ts";
import { addMember, changeMember, removeMember } from "../sql/members.ts";
import { findMessage } from "../sql/messages.ts";
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
import { pinMessage, pins } from "../sql/pins.ts";
import { runStatement } from "../sql/raw-statement.ts";
import { react } from "../sql/react.ts";
import { allRooms, liveRoom } from "../sql/room-rows.ts";
import { changeRoom, createRoom, deleteRoom, openDirect } from "../sql/rooms.ts";
import { search } from "../sql/search.ts";
import { indexMore, notIndexed } from "../sql/search-index.ts";
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
import { versions } from "../sql/versions.ts";
import type { WriteContext } from "../sql/write-context.ts";

/** What the reader can be asked. Each sees one state of the database from beginning to end. */
export const READS = {
  allRooms,
  answers,
  countPeople,
  eventsSince,
  findMember,
  findMessage,
  findPerson,
  findSession,
  listBans,
  listMembers,
  listPeople,
  liveRoom,
  markers,
  notIndexed,
  page,
  passwordOf,
  pins,
  posted,
  readSettings,
  roomsOf,
  runStatement,
  search,
  seqOfIntent,
  sessionsOf,
  versions,
};

/** What the writer can be asked. Each takes effect as a whole or not at all. */
export const WRITES = {
  addMember,
  append,
  changeMember,
  changePerson,
  changeRoom,
  claim,
  createPerson,
  createRoom,
  deleteMessage,
  deleteRoom,
  editMessage,
  endExpiredSessions,
  endSession,
  endSessions,
  indexMore: ({ db }: WriteContext) => indexMore(db),
  moveMarker,
  openDirect,
  pinMessage,
  react,
  removeMember,
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
