import { randomUUID } from "node:crypto";
import { COSTLY_TEXTS, neverSeenText, worstCodePoints } from "./code-points.ts";
import type { Connection } from "./connection.ts";

/** Characters of the longest message. */
export const MESSAGE_CHARS = 10_000;
/** The room that the flooding user posts to, and the one that holds a page of the longest messages. */
export const FLOODED_ROOM = 1;
export const LONG_ROOM = 2;
const HISTORY_PAGE = 100;
const WORD = "abcdefghijklmnopqrstuvwxyz";

export type FloodKind = "texts" | "commands" | "reads";

export interface Command {
  readonly do: string;
  readonly params: object;
}

/** What a user does as fast as the server accepts it. */
export interface Flood {
  readonly kind: FloodKind;
  readonly name: string;
  /** Prepares it on a connection that has joined the flooded room. @returns its commands, by their number */
  prepare(connection: Connection): Promise<(index: number) => Command>;
}

const simple = (kind: FloodKind, name: string, commandOf: (index: number) => Command): Flood => ({
  kind,
  name,
  prepare: async () => commandOf,
});

const post = (body: string): Command => ({
  do: "message.send",
  params: { room: FLOODED_ROOM, clientId: randomUUID(), body },
});

/** Repeats a text up to the length of the longest message. */
export function longest(text: string): string {
  const repeats = Math.ceil(MESSAGE_CHARS / [...text].length);
  return [...text.repeat(repeats)].slice(0, MESSAGE_CHARS).join("");
}

/** Words that begin with every letter, and differ from message to message. */
function manyWords(index: number): string {
  const words = Array.from({ length: 2_000 }, (_, word) => (index * 7_919 + word * 104_729).toString(36));
  return words.join(" ").slice(0, MESSAGE_CHARS);
}

const TEXTS: readonly Flood[] = [
  ...Object.entries(COSTLY_TEXTS).map(([name, text]) => {
    const body = longest(text);
    return simple("texts", name, () => post(body));
  }),
  simple("texts", "different characters each time", (index) => post(neverSeenText(index, MESSAGE_CHARS))),
  simple("texts", "different words each time", (index) => post(manyWords(index))),
];

async function postOwn(connection: Connection, body: string): Promise<string> {
  const posted = await connection.doPatiently("message.send", post(body).params);
  // The server's reply to a message.
  return (posted as { message: { id: string } }).message.id;
}

const isEven = (index: number): boolean => index % 2 === 0;

const COMMANDS: readonly Flood[] = [
  {
    kind: "commands",
    name: "edits of a long message",
    async prepare(connection) {
      const bodies = ["different ideographs", "Hangul syllables"].map((name) => longest(COSTLY_TEXTS[name] ?? ""));
      const message = await postOwn(connection, "to be edited");
      return (index) => ({
        do: "message.edit",
        params: { room: FLOODED_ROOM, message, body: bodies[index % bodies.length] },
      });
    },
  },
  {
    kind: "commands",
    name: "a reaction, again and again",
    async prepare(connection) {
      const message = await postOwn(connection, "to react to");
      return (index) => ({
        do: isEven(index) ? "reaction.add" : "reaction.remove",
        params: { room: FLOODED_ROOM, message, emoji: "👍" },
      });
    },
  },
  simple("commands", "joining and leaving", (index) => ({
    do: isEven(index) ? "room.leave" : "room.join",
    params: { room: LONG_ROOM },
  })),
  simple("commands", "typing, and not", (index) => ({
    do: isEven(index) ? "typing.start" : "typing.stop",
    params: { room: FLOODED_ROOM },
  })),
  simple("commands", "presence", (index) => ({
    do: "presence.set",
    params: { status: isEven(index) ? "busy" : "away", text: String(index) },
  })),
];

const search = (name: string, query: string): Flood =>
  simple("reads", `search: ${name}`, () => ({ do: "message.search", params: { query } }));

const READS: readonly Flood[] = [
  simple("reads", "history pages of 1,000,000 characters", () => ({
    do: "history.page",
    params: { room: LONG_ROOM, limit: HISTORY_PAGE },
  })),
  search(
    "beginnings of two letters",
    [...WORD]
      .slice(0, 10)
      .map((letter) => `${letter}a*`)
      .join(" "),
  ),
  search("a hundred words of one letter", "a b c d e ".repeat(20).trim()),
  search("a long phrase", `"${"a b c d e ".repeat(19).trim()}"`),
  search("ideographs", "一丁丂七丄丅丆万丈三".repeat(20)),
];

export const FLOODS: readonly Flood[] = [...TEXTS, ...COMMANDS, ...READS];

/** Returns floods with the characters of Unicode that grow the most. */
export function worstFloods(count: number): readonly Flood[] {
  return worstCodePoints(count).map(({ codePoint, character }) => {
    const body = longest(character);
    return simple("texts", codePoint, () => post(body));
  });
}

/** Fills the room of the longest messages. */
export async function fillLongRoom(connection: Connection): Promise<void> {
  await connection.doPatiently("room.join", { room: LONG_ROOM });
  for (let index = 0; index < HISTORY_PAGE; index += 1) {
    await connection.doPatiently("message.send", {
      room: LONG_ROOM,
      clientId: randomUUID(),
      body: neverSeenText(3, MESSAGE_CHARS),
    });
  }
}
