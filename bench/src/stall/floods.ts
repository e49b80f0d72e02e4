import { randomUUID } from "node:crypto";
import { COSTLY_TEXTS, neverSeenText, worstCodePoints } from "./code-points.ts";
import type { Connection } from "./connection.ts";
import { FLOODED_ROOM, HISTORY_PAGE, LONG_ROOM, MESSAGE_CHARS } from "./flooded-rooms.ts";
import { REQUESTS, type RequestFlood } from "./requests.ts";

/** More than a page or the answer to a resume holds, which are bounded by their bytes. */
const LONG_MESSAGES = 50;
/** As many of the longest as a room can have. */
const PINS = 6;
const CHANGED_MESSAGES = 10;
const WORD = "abcdefghijklmnopqrstuvwxyz";

export type FloodKind = "texts" | "commands" | "reads" | "http";

export interface Command {
  readonly do: string;
  readonly params: object;
}

/** What a user does as fast as the server accepts it. */
export type Flood = CommandFlood | RequestFlood;

/** Commands on WebSockets. */
export interface CommandFlood {
  readonly kind: Exclude<FloodKind, "http">;
  readonly name: string;
  /**
   * Prepares it on one connection, which has joined the flooded room, for all of them.
   * @param other the name of another user
   * @returns its commands, by their number
   */
  prepare(connection: Connection, other: string): Promise<(index: number) => Command>;
}

const simple = (kind: CommandFlood["kind"], name: string, commandOf: (index: number) => Command): CommandFlood => ({
  kind,
  name,
  prepare: async () => commandOf,
});

const post = (body: string, room: string | number = FLOODED_ROOM): Command => ({
  do: "message.send",
  params: { room, clientId: randomUUID(), body },
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

const TEXTS: readonly CommandFlood[] = [
  ...Object.entries(COSTLY_TEXTS).map(([name, text]) => {
    const body = longest(text);
    return simple("texts", name, () => post(body));
  }),
  simple("texts", "different characters each time", (index) => post(neverSeenText(index, MESSAGE_CHARS))),
  simple("texts", "different words each time", (index) => post(manyWords(index))),
];

async function postOwn(connection: Connection, body: string, room?: string): Promise<string> {
  const posted = await connection.doPatiently("message.send", post(body, room).params);
  // The server's reply to a message.
  return (posted as { message: { id: string } }).message.id;
}

/** Posts as many messages as the flood has connections. */
async function postMany(connection: Connection, body: string): Promise<readonly string[]> {
  const messages: string[] = [];
  for (let count = 0; count < CHANGED_MESSAGES; count += 1) messages.push(await postOwn(connection, body));
  return messages;
}

const isEven = (index: number): boolean => index % 2 === 0;

const COMMANDS: readonly CommandFlood[] = [
  {
    kind: "commands",
    name: "edits of a long message",
    async prepare(connection) {
      const bodies = ["different ideographs", "Hangul syllables"].map((name) => longest(COSTLY_TEXTS[name] ?? ""));
      const messages = await postMany(connection, "to be edited");
      return (index) => ({
        do: "message.edit",
        params: {
          room: FLOODED_ROOM,
          message: messages[index % messages.length],
          body: bodies[Math.floor(index / messages.length) % bodies.length],
        },
      });
    },
  },
  {
    kind: "commands",
    name: "a reaction, again and again",
    async prepare(connection) {
      const messages = await postMany(connection, "to react to");
      return (index) => ({
        do: isEven(Math.floor(index / messages.length)) ? "reaction.add" : "reaction.remove",
        params: { room: FLOODED_ROOM, message: messages[index % messages.length], emoji: "👍" },
      });
    },
  },
  {
    kind: "commands",
    name: "a long message edited and reacted to, in turn",
    async prepare(connection) {
      const body = longest(COSTLY_TEXTS["different ideographs"] ?? "");
      const messages = await postMany(connection, "to be changed");
      const room = FLOODED_ROOM;
      return (index) => {
        const message = messages[Math.floor(index / 3) % messages.length];
        if (index % 3 === 0)
          return { do: "message.edit", params: { room, message, body: `${index} ${body.slice(9)}` } };
        if (index % 3 === 1) return { do: "reaction.add", params: { room, message, emoji: "👍" } };
        return { do: "reaction.remove", params: { room, message, emoji: "👍" } };
      };
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

const search = (name: string, query: string): CommandFlood =>
  simple("reads", `search: ${name}`, () => ({ do: "message.search", params: { query } }));

const longPage: Command = { do: "history.page", params: { room: LONG_ROOM, limit: HISTORY_PAGE } };

const READS: readonly CommandFlood[] = [
  simple("reads", "history pages of long messages", () => longPage),
  {
    kind: "reads",
    name: "resuming in a room of long messages",
    async prepare(connection) {
      // The server's replies to a join and to a list.
      const { room } = (await connection.doPatiently("room.join", { room: LONG_ROOM })) as { room: { id: string } };
      const { epoch } = (await connection.doPatiently("room.list", {})) as { epoch: string };
      return () => ({ do: "resume", params: { rooms: { [room.id]: 0 }, epoch } });
    },
  },
  {
    kind: "reads",
    name: "long pinned messages",
    async prepare(connection, other) {
      const opened = (await connection.doPatiently("direct.open", { user: other })) as { room: { id: string } };
      const room = opened.room.id;
      await connection.doPatiently("room.join", { room });
      for (let count = 0; count < PINS; count += 1) {
        const message = await postOwn(connection, neverSeenText(count, MESSAGE_CHARS), room);
        await connection.doPatiently("message.pin", { room, message });
      }
      return () => ({ do: "pin.list", params: { room } });
    },
  },
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

/** What each connection does in turn: every thread of the server has work at once. */
const MIXED: CommandFlood = {
  kind: "commands",
  name: "pages, long messages, searches and typing at once",
  async prepare() {
    const commands: readonly ((index: number) => Command)[] = [
      () => longPage,
      (index) => post(neverSeenText(index, MESSAGE_CHARS)),
      () => ({ do: "message.search", params: { query: "a b c d e ".repeat(20).trim() } }),
      (index) => ({ do: isEven(index >> 3) ? "typing.start" : "typing.stop", params: { room: FLOODED_ROOM } }),
    ];
    return (index) => commands[index % commands.length]?.(index) ?? longPage;
  },
};

export const FLOODS: readonly Flood[] = [...TEXTS, ...COMMANDS, MIXED, ...READS, ...REQUESTS];

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
  for (let index = 0; index < LONG_MESSAGES; index += 1) {
    await connection.doPatiently("message.send", {
      room: LONG_ROOM,
      clientId: randomUUID(),
      body: neverSeenText(3, MESSAGE_CHARS),
    });
  }
}
