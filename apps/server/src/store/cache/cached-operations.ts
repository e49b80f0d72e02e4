import { toAppendResult } from "../messages/append/append-result.ts";
import type { StoreOperations } from "../operations.ts";
import type { StaleChange } from "../rooms/access-version.ts";
import type { RoomCache } from "../rooms/room-cache.ts";
import type {
  EventLog,
  MemberChangeResult,
  MemberStore,
  MessageChangeResult,
  MessageRef,
  MessageStore,
  RoomStore,
} from "../store.ts";
import { SharedReads } from "./shared-reads.ts";

export interface CachedOperations {
  readonly rooms: RoomStore;
  readonly messages: MessageStore;
  readonly members: MemberStore;
  readonly eventLog: EventLog;
}

/**
 * Adds the caches to the operations: rooms are read from memory, which every change of this process updates before its
 * promise resolves, and equal reads of a log are shared.
 */
export function withCaches(operations: StoreOperations, cache: RoomCache): CachedOperations {
  return {
    rooms: cacheRooms(operations.rooms, cache),
    messages: cacheMessages(operations.messages, cache),
    members: cacheMembers(operations.members, cache),
    eventLog: shareLogReads(operations.eventLog),
  };
}

function cacheRooms(rooms: StoreOperations["rooms"], cache: RoomCache): RoomStore {
  return {
    list: async () => cache.list(),
    find: async (address) => cache.find(address),
    create: async (room) => {
      const created = await rooms.create(room);
      if (created.events.length > 0) cache.upsert(created.room);
      return created;
    },
    openDirect: async (people) => {
      const known = cache.findDirect(people.by.id, people.other.id);
      if (known !== undefined) return { room: known, events: [] };
      const opened = await rooms.openDirect(people);
      cache.upsert(opened.room);
      return opened;
    },
    change: async (change) => {
      const changed = await rooms.change(change);
      if (changed.outcome === "changed") cache.upsert(changed.room);
      return changed;
    },
    delete: async (deletion) => {
      const deleted = await rooms.delete(deletion);
      if (deleted.outcome === "deleted") cache.remove(deletion.room);
      return deleted;
    },
  };
}

function cacheMessages(messages: StoreOperations["messages"], cache: RoomCache): MessageStore {
  /** Advances the log of the cached room to the event of a change. */
  const advance = async ({ room }: MessageRef, change: Promise<MessageChangeResult>): Promise<MessageChangeResult> => {
    const changed = await change;
    if (changed.outcome === "changed") cache.advance(room, changed.seq);
    return changed;
  };
  return {
    ...messages,
    append: async (message) => {
      const appended = toAppendResult(message, await messages.append(message));
      if (appended.outcome === "appended") cache.advance(message.room, appended.message.seq);
      return appended;
    },
    edit: (edit) => advance(edit.ref, messages.edit(edit)),
    delete: (deletion) => advance(deletion.ref, messages.delete(deletion)),
    setReaction: (reaction) => advance(reaction.ref, messages.setReaction(reaction)),
    setPinned: (pin) => advance(pin.ref, messages.setPinned(pin)),
  };
}

function cacheMembers(members: StoreOperations["members"], cache: RoomCache): MemberStore {
  /** Caches the room with its changed members. */
  const upsert = async <T extends MemberChangeResult | StaleChange>(change: Promise<T>): Promise<T> => {
    const changed = await change;
    if (changed.outcome === "changed") cache.upsert(changed.room);
    return changed;
  };
  return {
    ...members,
    add: (addition) => upsert(members.add(addition)),
    remove: (removal) => upsert(members.remove(removal)),
    change: (patch) => upsert(members.change(patch)),
  };
}

function shareLogReads(eventLog: StoreOperations["eventLog"]): EventLog {
  const reads = new SharedReads(eventLog.readSince, ({ room, since, limit, maxBodyBytes }) => {
    return `${room} ${since} ${limit} ${maxBodyBytes}`;
  });
  return { ...eventLog, readSince: (query) => reads.ask(query) };
}
