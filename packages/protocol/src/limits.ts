/** The limits of the wire and their defaults. A server may be configured otherwise; it tells in `GET /api/me`. */
export const LIMITS = {
  /** Characters (code points) of a message's body. */
  messageChars: 10_000,
  /** Bytes of one incoming frame. */
  frameBytes: 65_536,
  /** Commands per second and connection, sustained; bursts of twice as many. */
  commandsPerSecond: 50,
  /** Open sockets of one account. */
  connectionsPerUser: 20,
  /** Rooms that one connection can be in at once. */
  roomsPerConnection: 200,
  /** Messages in one page of history. */
  historyPage: 100,
  /** Events that a join or resume replays for one room before it answers `reset`. */
  resumeEvents: 500,
  /** Characters of a room's title. */
  roomTitleChars: 80,
  /** Characters of a room's topic. */
  roomTopicChars: 250,
  /** Different emoji on one message. */
  reactionsPerMessage: 20,
  /** Characters of an emoji (a family of five with skin tones has 15). */
  emojiChars: 24,
  /** Pinned messages of a room. */
  pinsPerRoom: 50,
  /** People in one list of a room: its members, or who is banned from it. */
  peopleListed: 500,
  /** Characters of a search. */
  searchChars: 200,
  /** Found messages in one answer. */
  searchPage: 50,
  /** Characters of a status text. */
  presenceTextChars: 80,
  /** Seconds between two messages in slow mode, at most. */
  slowModeMaxSeconds: 3_600,
  /** Characters of a username. */
  usernameChars: 32,
  /** Characters of a password, at least. */
  passwordMinChars: 8,
  /** Characters of a password, at most: argon2 should not be fed megabytes. */
  passwordMaxChars: 200,
} as const;

export type Limits = { readonly [name in keyof typeof LIMITS]: number };
