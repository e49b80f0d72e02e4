/** The protocol's limits with their defaults. A server reports the limits that it is configured with in `GET /api/me` and in `room.list`. */
export const LIMITS = {
  /** Characters (code points) of a message's body. */
  messageChars: 10_000,
  /** Bytes of one incoming frame. */
  frameBytes: 65_536,
  /** Sustained commands per second on one connection; bursts may be twice as large. */
  commandsPerSecond: 50,
  /** Open connections of one account. */
  connectionsPerUser: 20,
  /** Rooms that one connection can have joined at the same time. */
  roomsPerConnection: 200,
  /** Messages in one page of history. */
  historyPage: 100,
  /** Events that a join or resume replays for one room; with more, the answer is a `reset`. */
  resumeEvents: 500,
  /** Characters of a room's title. */
  roomTitleChars: 80,
  /** Characters of a room's topic. */
  roomTopicChars: 250,
  /** Distinct emoji on one message. */
  reactionsPerMessage: 20,
  /** Characters of an emoji (a family of five with skin tones has 15). */
  emojiChars: 24,
  /** Pinned messages of a room. */
  pinsPerRoom: 50,
  /** Bytes of one uploaded file; 0 where the server takes no files. */
  fileBytes: 104_857_600,
  /** Files of one message. */
  filesPerMessage: 10,
  /** Characters (code points) of a file's name. */
  fileNameChars: 200,
  /** Entries in a list of members or bans. */
  peopleListed: 500,
  /** Characters of a search query. */
  searchChars: 200,
  /** Search results in one answer. */
  searchPage: 50,
  /** Characters of a status text. */
  presenceTextChars: 80,
  /** Maximum of a room's slow mode interval, in seconds. */
  slowModeMaxSeconds: 3_600,
  /** Characters of a username. */
  usernameChars: 32,
  /** Minimum characters of a password. */
  passwordMinChars: 8,
  /** Maximum characters of a password; bounds the work of argon2. */
  passwordMaxChars: 200,
} as const;

export type Limits = { readonly [name in keyof typeof LIMITS]: number };
