import { z } from "zod";
import type { CommandName, CommandOf } from "./commands.ts";
import { LIMITS, type Limits } from "./limits.ts";
import { ALL_MENTIONERS, HISTORY_READERS, NOTICE_KINDS, PRESENCE_STATUSES, ROLES, ROOM_CREATORS } from "./model.ts";

/**
 * The shapes of what comes in, by the limits of one server: commands on the socket and bodies of HTTP requests. A server
 * builds them once at start (`makeSchemas(limits)`); a client that wants to check before it sends can do the same.
 */

const CONTROL = /[\p{Cc}--[\t\n\r]]/v;
/** One emoji as people see it: a flag, a keycap, or pictures joined together. */
const EMOJI = /^\p{RGI_Emoji}$/v;

const codePoints = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

/** Text that can be stored and shown everywhere: well-formed Unicode without NUL and other control characters. */
const cleanText = z.string().refine((text) => text.isWellFormed() && !CONTROL.test(text), {
  message: "expected well-formed Unicode text without control characters",
});

const seq = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const roomAddress = z.union([z.int().min(1).max(Number.MAX_SAFE_INTEGER), z.string().min(1).max(64)]);
const commandId = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** One line, trimmed, of 1 to `max` code points. */
const line = (max: number) =>
  cleanText
    .transform((text) => text.trim())
    .refine((text) => text.length > 0, { message: "expected some text, got none" })
    .refine((text) => !/[\r\n]/.test(text), { message: "expected one line" })
    .refine((text) => codePoints(text) <= max, { message: `expected at most ${max} characters` });

/** @returns every schema of the wire, for one server's limits. */
export function makeSchemas(limits: Limits = LIMITS) {
  const body = cleanText
    .refine((text) => text.trim().length > 0, { message: "expected some text, got none" })
    .refine((text) => text.length <= limits.messageChars || codePoints(text) <= limits.messageChars, {
      message: `expected at most ${limits.messageChars} characters`,
    });
  const clientId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "expected 1 to 64 letters, digits, - or _");
  const title = line(limits.roomTitleChars);
  const topic = cleanText
    .transform((text) => text.trim())
    .refine((text) => codePoints(text) <= limits.roomTopicChars, {
      message: `expected at most ${limits.roomTopicChars} characters`,
    });
  const username = z
    .string()
    .regex(
      /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u,
      "expected letters, digits, '.', '_' or '-', beginning with a letter or digit",
    )
    .refine((text) => text.isWellFormed() && codePoints(text) <= limits.usernameChars, {
      message: `expected at most ${limits.usernameChars} characters`,
    });
  const password = z
    .string()
    .min(limits.passwordMinChars, `expected at least ${limits.passwordMinChars} characters`)
    .max(limits.passwordMaxChars, `expected at most ${limits.passwordMaxChars} characters`);
  const email = z.email().max(254);
  const page = z.int().min(1).max(limits.historyPage);

  const messageId = z.string().min(1).max(64);
  const person = z.string().min(1).max(64);
  const role = z.enum(ROLES);
  const emoji = cleanText
    .refine((text) => codePoints(text) >= 1 && codePoints(text) <= limits.emojiChars, {
      message: `expected one emoji, at most ${limits.emojiChars} characters`,
    })
    .refine((text) => EMOJI.test(text), { message: "expected one emoji" });
  const slowModeSeconds = z.int().min(0).max(limits.slowModeMaxSeconds);
  /** A year at most: longer than that is a ban. */
  const muteSeconds = z.int().min(0).max(31_536_000);
  const query = cleanText
    .transform((text) => text.trim())
    .refine((text) => text.length > 0, { message: "expected some words, got none" })
    .refine((text) => codePoints(text) <= limits.searchChars, {
      message: `expected at most ${limits.searchChars} characters`,
    });
  const onMessage = <N extends string>(name: N) =>
    z.object({ id: commandId, do: z.literal(name), room: roomAddress, message: messageId });
  const repeatable = { clientId: clientId.optional() };
  const onRoom = <N extends string>(name: N) => z.object({ id: commandId, do: z.literal(name), room: roomAddress });

  const commands = {
    "room.list": z.object({ id: commandId, do: z.literal("room.list") }),
    "room.join": z.object({ id: commandId, do: z.literal("room.join"), room: roomAddress, since: seq.optional() }),
    "room.leave": z.object({ id: commandId, do: z.literal("room.leave"), room: roomAddress }),
    "message.send": z.object({
      id: commandId,
      do: z.literal("message.send"),
      room: roomAddress,
      clientId,
      body,
      replyTo: messageId.optional(),
    }),
    "message.edit": onMessage("message.edit").extend({ body, ...repeatable }),
    "message.delete": onMessage("message.delete").extend(repeatable),
    "message.pin": onMessage("message.pin").extend(repeatable),
    "message.unpin": onMessage("message.unpin").extend(repeatable),
    "message.history": onMessage("message.history"),
    "reaction.add": onMessage("reaction.add").extend({ emoji, ...repeatable }),
    "reaction.remove": onMessage("reaction.remove").extend({ emoji, ...repeatable }),
    "pin.list": onRoom("pin.list"),
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
    "member.list": onRoom("member.list"),
    "member.bans": onRoom("member.bans"),
    "member.add": onRoom("member.add").extend({ user: person.optional(), role: role.optional(), ...repeatable }),
    "member.remove": onRoom("member.remove").extend({
      user: person.optional(),
      ban: z.boolean().optional(),
      ...repeatable,
    }),
    "member.change": onRoom("member.change").extend({
      user: person,
      role: role.optional(),
      muteSeconds: muteSeconds.optional(),
      ...repeatable,
    }),
    "typing.start": onRoom("typing.start"),
    "typing.stop": onRoom("typing.stop"),
    "presence.set": z.object({
      id: commandId,
      do: z.literal("presence.set"),
      status: z.enum(PRESENCE_STATUSES),
      text: cleanText
        .refine((text) => codePoints(text) <= limits.presenceTextChars, {
          message: `expected at most ${limits.presenceTextChars} characters`,
        })
        .optional(),
    }),
    "presence.list": z.object({ id: commandId, do: z.literal("presence.list"), users: z.array(person).max(500) }),
    "people.find": z.object({
      id: commandId,
      do: z.literal("people.find"),
      query: cleanText.refine((text) => codePoints(text) <= limits.usernameChars, {
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
        limit: page.optional(),
      })
      .refine((c) => [c.before, c.after, c.around].filter((x) => x !== undefined).length <= 1, {
        message: "expected at most one of before, after and around",
      }),
    "room.read": z.object({ id: commandId, do: z.literal("room.read"), room: roomAddress, seq }),
    resume: z.object({
      id: commandId,
      do: z.literal("resume"),
      rooms: z
        .record(z.string().min(1).max(64), seq)
        .refine((rooms) => Object.keys(rooms).length <= limits.roomsPerConnection, {
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
      .refine((c) => Object.keys(c).length > 0, { message: "expected something to change" }),
    postMessage: z.object({ clientId, body, replyTo: messageId.optional() }),
    postNotice: z.object({ kind: z.enum(NOTICE_KINDS), text: body, clientId: clientId.optional() }),
    editMessage: z.object({ body }),
    addMember: z.object({ user: person.optional(), role: role.optional() }),
    changeMember: z
      .object({ role, muteSeconds })
      .partial()
      .refine((c) => Object.keys(c).length > 0, { message: "expected something to change" }),
    removeMemberQuery: z.object({ ban: z.stringbool({ truthy: ["true"], falsy: ["false"] }).optional() }),
    openDirect: z.object({ user: person }),
    searchQuery: z.object({
      query,
      cursor: z.string().max(64).optional(),
      limit: z.coerce.number().int().min(1).max(limits.searchPage).optional(),
    }),
    messagesQuery: z.object({
      before: z.coerce.number().int().min(0).optional(),
      after: z.coerce.number().int().min(0).optional(),
      around: z.coerce.number().int().min(0).optional(),
      limit: z.coerce.number().int().min(1).max(limits.historyPage).optional(),
    }),
    createPerson: z.object({
      username,
      password,
      email: email.optional(),
      staff: z.boolean().optional(),
      superuser: z.boolean().optional(),
    }),
    changePerson: z
      .object({ username, staff: z.boolean(), superuser: z.boolean(), active: z.boolean(), password })
      .partial()
      .refine((c) => Object.keys(c).length > 0, { message: "expected something to change" }),
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

  /** What programs that reach only the layer send, by the event's type. */
  const work = {
    "notice.post": z.object({ room: roomAddress, kind: z.enum(NOTICE_KINDS), text: body, id: clientId }),
  };

  return { commands, http, work, fields: { title, topic, username, password, email, body, clientId } };
}

export type Schemas = ReturnType<typeof makeSchemas>;

/** The parsed form of a command is the type that clients send: held to that by the compiler. */
type Parsed = { [N in CommandName]: z.output<Schemas["commands"][N]> };
type Unexact<T> = { [K in keyof T]: undefined extends T[K] ? T[K] | undefined : T[K] };
type Matches<A, B> = A extends B ? true : false;
type AllTrue<T extends Readonly<Record<CommandName, true>>> = T;
export type SchemasMatchTypes = AllTrue<{ [N in CommandName]: Matches<Parsed[N], Unexact<CommandOf<N>>> }>;
