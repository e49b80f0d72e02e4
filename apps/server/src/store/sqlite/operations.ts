import type { Kysely } from "kysely";
import { claim, trimChanges } from "../change-feed/change-feed.ts";
import type { WriteContext } from "../database/context.ts";
import { renewEpoch, secretOf, takesWrites } from "../database/meta.ts";
import type { Tables } from "../database/tables.ts";
import { findSeqByKey } from "../event-log/idempotency-keys.ts";
import { eventsSince } from "../event-log/read-events.ts";
import { markers, moveMarker } from "../markers/markers.ts";
import { listBans } from "../members/bans.ts";
import { addMember, changeMember, removeMember } from "../members/change-members.ts";
import { findMember, listMembers, roomsOf } from "../members/member-rows.ts";
import { append, posted } from "../messages/append-message.ts";
import { deleteMessage } from "../messages/delete-message.ts";
import { editMessage } from "../messages/edit-message.ts";
import { findMessage } from "../messages/find-messages.ts";
import { answers, page } from "../messages/history.ts";
import { pinMessage, pins } from "../messages/pins.ts";
import { react } from "../messages/set-reaction.ts";
import { versions } from "../messages/versions.ts";
import {
  changePerson,
  countPeople,
  createPerson,
  findPerson,
  listPeople,
  passwordOf,
  setPassword,
} from "../people/people.ts";
import { runStatement } from "../people/raw-statement.ts";
import {
  endExpiredSessions,
  endSession,
  endSessions,
  findSession,
  sessionsOf,
  touchSessions,
} from "../people/sessions.ts";
import { changeRoom, createRoom, deleteRoom, openDirect } from "../rooms/change-rooms.ts";
import { allRooms, liveRoom } from "../rooms/room-rows.ts";
import { search } from "../search/search.ts";
import { indexMore, notIndexed } from "../search/search-index.ts";
import { readSettings, writeSettings } from "../settings/settings.ts";

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
  seqOfIntent: findSeqByKey,
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
