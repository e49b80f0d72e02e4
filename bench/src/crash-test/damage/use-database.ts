import type { Message } from "@multichat/protocol";
import type { StoreOperations } from "../../../../apps/server/src/store/operations.ts";
import { StoreError } from "../../../../apps/server/src/store/store-error.ts";

export const AUTHOR = { id: "author-id", username: "author" } as const;
export const OTHER = { id: "other-id", username: "other" } as const;
const MANY = 1_000;
const WORDS = ["quick", "over", "wizards", "n11", "absent"];

/** How often each outcome occurred: `ok`, or the code of an error. */
export type Outcomes = Record<string, number>;

/** How an outcome begins that no damage may have: one of the database threads has ended. */
export const THREAD_ENDED = "a thread has ended";
/** What the main thread's end of a thread says of every call after that. */
const ENDED_MESSAGE = /^the database \w+ (failed|has ended)/;

/** Does what servers do with a database, everywhere in it. An operation may fail, but only with an error of the store. */
export async function useDatabase(operations: StoreOperations): Promise<Outcomes> {
  const outcomes: Outcomes = {};
  const attempt = async <Result>(work: Promise<Result>): Promise<Result | undefined> => {
    let outcome = "ok";
    try {
      return await work;
    } catch (error) {
      outcome = outcomeOf(error);
      return undefined;
    } finally {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
  };
  const { messages, members, search, rooms, audit, people, markers, maintenance, eventLog, settings } = operations;
  const listed = (await attempt(operations.roomLoads.list())) ?? [];
  await attempt(people.list());
  await attempt(settings.get());
  await attempt(audit.verify({}));
  await attempt(audit.read({ limit: MANY }));
  for (const room of listed.slice(0, 2)) {
    const { id, accessVersion } = room;
    const seen: Message[] = [];
    for (const before of [MANY, 300, 200, 100]) {
      const page = await attempt(messages.readHistory({ room: id, before, limit: 100, viewer: AUTHOR.id }));
      seen.push(...(page?.messages ?? []));
    }
    await attempt(eventLog.readSince({ room: id, since: 0, limit: MANY, maxBodyBytes: 10_000_000 }));
    await attempt(markers.getMany({ user: AUTHOR.id, rooms: [id] }));
    await attempt(messages.listPinned({ room: id, viewer: AUTHOR.id }));
    for (let index = 0; index < 5; index += 1) {
      await attempt(
        messages.append({
          room: id,
          accessVersion,
          author: AUTHOR,
          clientId: `used-${index}`,
          kind: "message",
          body: `quick words of message ${index} ${"and more ".repeat(index * 300)}`,
        }),
      );
    }
    for (const message of seen.filter((_, index) => index % 40 === 0)) {
      const ref = { room: id, accessVersion, message: message.id };
      await attempt(messages.listVersions({ room: id, message: message.id }));
      await attempt(messages.edit({ ref, body: "edited quick words", canMentionAll: false, by: AUTHOR }));
      await attempt(messages.setReaction({ ref, emoji: "🎉", present: true, by: AUTHOR }));
      await attempt(messages.delete({ ref, by: AUTHOR }));
    }
    for (const text of WORDS) {
      const [word, beginning] = [text, text.slice(0, 2)];
      const query = { rooms: [id], limit: 50, viewer: AUTHOR.id };
      await attempt(search.find({ ...query, terms: [{ kind: "word", text: word }] }));
      await attempt(search.find({ ...query, terms: [{ kind: "prefix", text: beginning }] }));
      await attempt(search.find({ ...query, terms: [{ kind: "phrase", text: `${word} brown` }] }));
    }
    await attempt(members.add({ room: id, user: OTHER, role: "member", by: AUTHOR }));
    await attempt(members.list({ room: id, limit: MANY }));
    await attempt(members.remove({ room: id, user: OTHER, by: AUTHOR }));
    await attempt(markers.move({ user: AUTHOR.id, room: id, seq: MANY }));
    await attempt(rooms.change({ room: id, changes: { topic: "changed" }, by: AUTHOR }));
  }
  await attempt(maintenance.trimChanges());
  // Indexes the rest at once, with the merges that follow.
  for (let round = 0; round < 5; round += 1) {
    await attempt(maintenance.indexSome({ maxMessages: 100, maxChars: 100_000 }));
  }
  await attempt(people.change({ id: OTHER.id, changes: { active: false } }));
  await attempt(people.endExpiredSessions());
  return outcomes;
}

function outcomeOf(error: unknown): string {
  if (!(error instanceof StoreError)) return String(error);
  return ENDED_MESSAGE.test(error.message) ? `${THREAD_ENDED}: ${error.message}` : error.code;
}
