import { z } from "zod";
import type { CommandName, CommandOf } from "./commands.ts";
import { qualifyEmoji } from "./emoji.ts";
import { LIMITS, type Limits } from "./limits.ts";
import { showsText } from "./markup/shown-text.ts";
import {
  ALL_MENTIONERS,
  HISTORY_READERS,
  NOTICE_KINDS,
  PRESENCE_STATUSES,
  ROLES,
  ROOM_CREATORS,
  ROOM_NOTIFY_LEVELS,
} from "./model.ts";
import { isBlank } from "./names/blank-text.ts";
import {
  composeLine,
  composeName,
  findInvisible,
  findTitleProblem,
  findUsernameProblem,
} from "./names/name-profile.ts";

const CONTROL_CHARACTER = /[\p{Cc}--[\t\n\r]]/v;
/** One emoji as it is displayed, which may be several code points: a flag, a keycap, a joined sequence. */
const SINGLE_EMOJI = /^\p{RGI_Emoji}$/v;

const countCodePoints = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

/** Text that every database and client can hold: well-formed Unicode without control characters. */
const plainText = z.string().refine((text) => text.isWellFormed() && !CONTROL_CHARACTER.test(text), {
  message: "expected well-formed Unicode text without control characters",
});

/** An id that a client names. It need not exist, but every database has to be able to look for it. */
const givenId = plainText.min(1).max(64);

const seq = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
/** As a column of databases holds it. */
const revision = z.int().min(0).max(2_147_483_647);
/** A whole number in a query string, in decimal digits: `Number` would read an empty text as 0, and `0x10` as 16. */
export const wholeNumber = (min: number, max = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .regex(/^\d{1,16}$/, "expected a whole number in decimal digits")
    .pipe(z.coerce.number<string>().int().min(min).max(max))
    .meta({ type: "integer" });
const A_ROOM = { error: "expected the id or the number of a room" };
const roomAddress = z.union(
  [z.int(A_ROOM).min(1, A_ROOM).max(Number.MAX_SAFE_INTEGER, A_ROOM), plainText.min(1, A_ROOM).max(64, A_ROOM)],
  A_ROOM,
);
/** The secret of an invitation or a reset link. */
const linkToken = z.string().min(1).max(200);
const MAX_INVITATION_USES = 10_000;
const MAX_INVITATION_SECONDS = 366 * 24 * 60 * 60;
const MAX_INVITATION_ROOMS = 20;
const commandId = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Trimmed; empty where it shows nothing. */
const trimmed = (text: string) => (isBlank(text) ? "" : text.trim());

/** The most code points that compose to one. */
const MAX_DECOMPOSED = 4;

/** A longer line is refused, and marks without end take long to compose. */
const composedWithin = (text: string, max: number) =>
  text.length > 2 * MAX_DECOMPOSED * max ? text : composeLine(text);

const NO_TEXT = { message: "expected text, got none" };

/** Characters that a name has no use for, or that make it look like another one: line breaks, and marks of the direction of text. */
const HIDDEN_IN_NAMES = /[\t\r\n\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;

/** Returns the last part of a path, as one line. Also `..` is no name. */
function toFileName(text: string): string {
  const name = trimmed((text.split(/[\\/]/).at(-1) ?? "").replace(HIDDEN_IN_NAMES, " "));
  return /^\.+$/.test(name) ? "" : name;
}

/** A single line of at most `max` code points, trimmed and composed. */
const singleLine = (max: number) =>
  plainText
    .transform((text) => composedWithin(trimmed(text), max))
    .refine((text) => !/[\t\r\n\u2028\u2029]/.test(text), { message: "expected one line, without tabs" })
    .refine((text) => countCodePoints(text) <= max, { message: `expected at most ${max} characters` });

/**
 * Returns the schemas of everything that a server receives (commands, HTTP bodies and queries, layer messages), for the
 * limits of one server. A server calls it once at start; a client can use it to validate before it sends.
 */
export function makeSchemas(limits: Limits = LIMITS) {
  const anyBody = plainText.refine(
    (text) => text.length <= limits.messageChars || countCodePoints(text) <= limits.messageChars,
    { message: `expected at most ${limits.messageChars} characters` },
  );
  const body = anyBody.refine(showsText, NO_TEXT);
  /** Ids of uploads, each once. */
  const files = z
    .array(givenId)
    .max(limits.filesPerMessage, `expected at most ${limits.filesPerMessage} files`)
    .refine((ids) => new Set(ids).size === ids.length, { message: "expected each file once" });
  const withTextOrFiles = {
    check: ({ body: text, files: ids }: { readonly body: string; readonly files?: readonly string[] | undefined }) =>
      showsText(text) || (text === "" && ids !== undefined && ids.length > 0),
    issue: { ...NO_TEXT, path: ["body"] },
  };
  const clientId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "expected 1 to 64 letters, digits, - or _");
  const title = singleLine(limits.roomTitleChars)
    .refine((text) => text.length > 0, { message: "expected text, got none" })
    .superRefine((text, { addIssue }) => {
      // A longer one is refused already, and each of its words would be examined.
      const message = countCodePoints(text) > limits.roomTitleChars ? undefined : findTitleProblem(text);
      if (message !== undefined) addIssue({ code: "custom", message });
    });
  const topic = singleLine(limits.roomTopicChars).superRefine((text, { addIssue }) => {
    const message = countCodePoints(text) > limits.roomTopicChars ? undefined : findInvisible(text);
    if (message !== undefined) addIssue({ code: "custom", message });
  });
  const username = z
    .string()
    .transform(composeName)
    .superRefine((name, { addIssue }) => {
      const message =
        countCodePoints(name) > limits.usernameChars
          ? `expected at most ${limits.usernameChars} characters`
          : findUsernameProblem(name);
      if (message !== undefined) addIssue({ code: "custom", message });
    });
  const password = z
    .string()
    .refine((text) => text.isWellFormed() && !text.includes("\uFFFD"), "expected well-formed Unicode text")
    .min(limits.passwordMinChars, `expected at least ${limits.passwordMinChars} characters`)
    .max(limits.passwordMaxChars, `expected at most ${limits.passwordMaxChars} characters`);
  const email = z.email().max(254);
  const fileName = plainText
    .transform((text) => composedWithin(toFileName(text), limits.fileNameChars))
    .refine((text) => text.length > 0, { message: "expected the name of a file, got none" })
    .refine((text) => countCodePoints(text) <= limits.fileNameChars, {
      message: `expected at most ${limits.fileNameChars} characters`,
    });
  const pageSize = z.int().min(1).max(limits.historyPage);

  const messageId = givenId;
  const person = givenId;
  const role = z.enum(ROLES);
  const emoji = plainText
    .transform(qualifyEmoji)
    .refine((text) => countCodePoints(text) >= 1 && countCodePoints(text) <= limits.emojiChars, {
      message: `expected one emoji, at most ${limits.emojiChars} characters`,
    })
    .refine((text) => SINGLE_EMOJI.test(text), { message: "expected one emoji" });
  const slowModeSeconds = z.int().min(0).max(limits.slowModeMaxSeconds);
  /** At most a year; anything longer is a ban. */
  const muteSeconds = z.int().min(0).max(31_536_000);
  const query = plainText
    .transform(trimmed)
    .refine((text) => text.length > 0, { message: "expected a search query, got none" })
    .refine((text) => countCodePoints(text) <= limits.searchChars, {
      message: `expected at most ${limits.searchChars} characters`,
    });
  const messageCommand = <N extends string>(name: N) =>
    z.object({ id: commandId, do: z.literal(name), room: roomAddress, message: messageId });
  const expectedEditedAt = z.int().min(0).max(Number.MAX_SAFE_INTEGER).nullable().optional();
  const idempotent = { clientId: clientId.optional() };
  const roomCommand = <N extends string>(name: N) =>
    z.object({ id: commandId, do: z.literal(name), room: roomAddress });

  const commands = {
    "room.list": z.object({ id: commandId, do: z.literal("room.list") }),
    "room.join": z.object({ id: commandId, do: z.literal("room.join"), room: roomAddress, since: seq.optional() }),
    "room.leave": z.object({ id: commandId, do: z.literal("room.leave"), room: roomAddress }),
    "message.send": z
      .object({
        id: commandId,
        do: z.literal("message.send"),
        room: roomAddress,
        clientId,
        body: anyBody,
        replyTo: messageId.optional(),
        files: files.optional(),
      })
      .refine(withTextOrFiles.check, withTextOrFiles.issue),
    "message.edit": messageCommand("message.edit").extend({ body, expectedEditedAt, ...idempotent }),
    "message.delete": messageCommand("message.delete").extend(idempotent),
    "message.pin": messageCommand("message.pin").extend(idempotent),
    "message.unpin": messageCommand("message.unpin").extend(idempotent),
    "message.history": messageCommand("message.history"),
    "reaction.add": messageCommand("reaction.add").extend({ emoji, ...idempotent }),
    "reaction.remove": messageCommand("reaction.remove").extend({ emoji, ...idempotent }),
    "pin.list": roomCommand("pin.list"),
    "room.create": z.object({
      id: commandId,
      do: z.literal("room.create"),
      clientId,
      title,
      topic: topic.optional(),
      staffOnly: z.boolean().optional(),
      private: z.boolean().optional(),
    }),
    "direct.open": z.object({ id: commandId, do: z.literal("direct.open"), user: person }),
    "member.list": roomCommand("member.list"),
    "member.bans": roomCommand("member.bans"),
    "member.add": roomCommand("member.add").extend({ user: person.optional(), role: role.optional(), ...idempotent }),
    "member.remove": roomCommand("member.remove").extend({
      user: person.optional(),
      ban: z.boolean().optional(),
      ...idempotent,
    }),
    "member.change": roomCommand("member.change").extend({
      user: person,
      role: role.optional(),
      muteSeconds: muteSeconds.optional(),
      ...idempotent,
    }),
    "typing.start": roomCommand("typing.start"),
    "typing.stop": roomCommand("typing.stop"),
    "presence.set": z.object({
      id: commandId,
      do: z.literal("presence.set"),
      status: z.enum(PRESENCE_STATUSES),
      text: singleLine(limits.presenceTextChars).optional(),
    }),
    "presence.list": z.object({ id: commandId, do: z.literal("presence.list"), users: z.array(person).max(500) }),
    "people.find": z.object({
      id: commandId,
      do: z.literal("people.find"),
      query: plainText.refine((text) => countCodePoints(text) <= limits.usernameChars, {
        message: `expected at most ${limits.usernameChars} characters`,
      }),
      room: roomAddress.optional(),
    }),
    "message.search": z.object({
      id: commandId,
      do: z.literal("message.search"),
      query,
      cursor: z.string().max(64).optional(),
      limit: z.int().min(1).max(limits.searchPage).optional(),
    }),
    "history.page": z
      .object({
        id: commandId,
        do: z.literal("history.page"),
        room: roomAddress,
        before: seq.optional(),
        after: seq.optional(),
        around: seq.optional(),
        limit: pageSize.optional(),
      })
      .refine((c) => [c.before, c.after, c.around].filter((x) => x !== undefined).length <= 1, {
        message: "expected at most one of before, after and around",
      }),
    "room.read": z.object({
      id: commandId,
      do: z.literal("room.read"),
      room: roomAddress,
      seq,
      revision: revision.optional(),
    }),
    "preference.list": z.object({ id: commandId, do: z.literal("preference.list") }),
    "preference.set": roomCommand("preference.set").extend({
      notify: z.enum(ROOM_NOTIFY_LEVELS).optional(),
      starred: z.boolean().optional(),
    }),
    resume: z.object({
      id: commandId,
      do: z.literal("resume"),
      rooms: z.record(givenId, seq).refine((rooms) => Object.keys(rooms).length <= limits.roomsPerConnection, {
        message: `expected at most ${limits.roomsPerConnection} rooms`,
      }),
      epoch: z.string().max(64),
    }),
    ping: z.object({ id: commandId, do: z.literal("ping") }),
  } satisfies { [N in CommandName]: z.ZodType };

  const http = {
    signIn: z.object({
      username: z.string().min(1).max(200),
      password: z.string().min(1).max(limits.passwordMaxChars),
    }),
    changePassword: z.object({
      currentPassword: z.string().min(1).max(limits.passwordMaxChars),
      newPassword: password,
    }),
    confirmPassword: z.object({ password: z.string().min(1).max(limits.passwordMaxChars) }),
    createRoom: z.object({
      title,
      topic: topic.optional(),
      staffOnly: z.boolean().optional(),
      private: z.boolean().optional(),
      clientId: clientId.optional(),
    }),
    changeRoom: z
      .object({
        title,
        topic,
        staffOnly: z.boolean(),
        archived: z.boolean(),
        kind: z.enum(["open", "private"]),
        slowModeSeconds,
      })
      .partial()
      .refine((c) => Object.keys(c).length > 0, { message: "expected at least one property to change" }),
    moveReadMarker: z.object({ seq, revision: revision.optional() }),
    postMessage: z
      .object({ clientId, body: anyBody, replyTo: messageId.optional(), files: files.optional() })
      .refine(withTextOrFiles.check, withTextOrFiles.issue),
    uploadQuery: z.strictObject({ name: fileName, clientId }),
    downloadQuery: z.strictObject({ download: z.literal(["", "1", "true"]).optional() }),
    postNotice: z.object({ kind: z.enum(NOTICE_KINDS), text: body, clientId: clientId.optional() }),
    editMessage: z.object({ body, expectedEditedAt }),
    addMember: z.object({ user: person.optional(), role: role.optional() }),
    changeMember: z
      .object({ role, muteSeconds })
      .partial()
      .refine((c) => Object.keys(c).length > 0, { message: "expected at least one property to change" }),
    removeMemberQuery: z.strictObject({ ban: z.stringbool({ truthy: ["true"], falsy: ["false"] }).optional() }),
    openDirect: z.object({ user: person }),
    searchQuery: z.strictObject({
      query,
      cursor: z.string().max(64).optional(),
      limit: wholeNumber(1, limits.searchPage).optional(),
    }),
    messagesQuery: z.strictObject({
      before: wholeNumber(0).optional(),
      after: wholeNumber(0).optional(),
      around: wholeNumber(0).optional(),
      limit: wholeNumber(1, limits.historyPage).optional(),
    }),
    createPerson: z.object({
      username,
      password,
      email: email.optional(),
      staff: z.boolean().optional(),
      superuser: z.boolean().optional(),
      passwordChangeRequired: z.boolean().optional(),
    }),
    changePerson: z
      .object({
        username,
        staff: z.boolean(),
        superuser: z.boolean(),
        active: z.boolean(),
        password,
        passwordChangeRequired: z.boolean(),
      })
      .partial()
      .refine((c) => Object.keys(c).length > 0, { message: "expected at least one property to change" }),
    createInvitation: z.object({
      maxUses: z.int().min(1).max(MAX_INVITATION_USES).nullable().optional(),
      expiresInSeconds: z.int().min(60).max(MAX_INVITATION_SECONDS).nullable().optional(),
      staff: z.boolean().optional(),
      rooms: z.array(roomAddress).max(MAX_INVITATION_ROOMS).optional(),
    }),
    linkToken: z.object({ token: linkToken }),
    acceptInvitation: z.object({ token: linkToken, username, password, email: email.optional() }),
    resetPassword: z.object({ token: linkToken, password }),
    setupToken: z.object({ token: z.string().min(1).max(200) }),
    setup: z.object({
      token: z.string().min(1).max(200),
      username,
      password,
      email: email.optional(),
      room: title,
    }),
    settings: z
      .object({
        roomCreators: z.enum(ROOM_CREATORS),
        allMentioners: z.enum(ALL_MENTIONERS),
        historyReaders: z.enum(HISTORY_READERS),
      })
      .partial(),
  };

  /** Messages from programs that reach only the channel layer, by their type. */
  // The decoders of messages from other programs replace bytes that are no UTF-8.
  const undamagedBody = body.refine((text) => !text.includes("\uFFFD"), "expected text in UTF-8, got other bytes");
  const work = {
    "notice.post": z.object({ room: roomAddress, kind: z.enum(NOTICE_KINDS), text: undamagedBody, id: clientId }),
  };

  return { commands, http, work, fields: { title, topic, username, password, email, body, clientId } };
}

export type Schemas = ReturnType<typeof makeSchemas>;

/** Makes the compiler check that each command's schema parses to the command's type. */
type Parsed = { [N in CommandName]: z.output<Schemas["commands"][N]> };
type UndefinedForOptional<T> = { [K in keyof T]: undefined extends T[K] ? T[K] | undefined : T[K] };
type Matches<A, B> = A extends B ? true : false;
type AssertAllTrue<T extends Readonly<Record<CommandName, true>>> = T;
export type SchemasMatchTypes = AssertAllTrue<{
  [N in CommandName]: Matches<Parsed[N], UndefinedForOptional<CommandOf<N>>>;
}>;
