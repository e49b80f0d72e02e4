import type { Author } from "@multichat/protocol";
import { chat } from "../../../connection/chat.ts";

/** People whose names have not arrived by then count as others. */
const MEMBERS_TIMEOUT_MS = 3_000;

function listKnownAuthors(room: string): readonly Author[] {
  const me = chat.me.get();
  const { items } = chat.room(room).get();
  const authors = items.flatMap((item) =>
    item.kind === "message" && item.message.author !== null ? [item.message.author] : [],
  );
  return me === null ? authors : [me, ...authors];
}

/** Returns the members, loading them if needed. */
function loadMembers(room: string): Promise<readonly Author[]> {
  const { members } = chat.room(room);
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      unsubscribe();
      resolve(members.get().members.map(({ user }) => user));
    };
    const checkStatus = (): void => {
      const { status } = members.get();
      if (status === "live" || status === "failed") finish();
    };
    const timer = setTimeout(finish, MEMBERS_TIMEOUT_MS);
    const unsubscribe = members.subscribe(checkStatus);
    checkStatus();
  });
}

/** Returns the known names of these people: authors of loaded messages first, then members. */
export async function loadNames(room: string, ids: readonly string[]): Promise<readonly string[]> {
  const known = new Map(listKnownAuthors(room).map(({ id, username }) => [id, username]));
  if (ids.some((id) => !known.has(id))) {
    for (const { id, username } of await loadMembers(room)) known.set(id, username);
  }
  return ids.flatMap((id) => known.get(id) ?? []);
}
