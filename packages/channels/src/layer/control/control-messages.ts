import type { LayerMessage, LayerValue } from "../channel-layer.ts";
import { isCloseCode } from "../close-code.ts";
import { isChannelName, isGroupName } from "../names.ts";

/** The group of the processes that answer. Only this library joins it. */
export const CONTROL_GROUP = "__control__";
/** What the channels of the answering processes begin with: a reply goes to no other channel, whatever a request says. */
export const CONTROL_PREFIX = "control";

const HELLO = "control.hello";
const REQUEST = "control.request";
const REPLY = "control.reply";

export const MAX_LISTED_MEMBERS = 1_000;
const MAX_KNOWN = 1_000;
export const MAX_USER_LENGTH = 200;
const MAX_REASON_BYTES = 123;
const CONTROL_CHANNEL = /^control\.[0-9a-f]{32}![0-9a-z]{1,12}$/;
const ID = /^[0-9a-z]{1,16}$/;
const DIGEST = /^[0-9a-z]{1,20}$/;

/** A group, a user, or a user in a group. */
export type MemberTarget =
  | { readonly group: string; readonly user?: string }
  | { readonly group?: string; readonly user: string };

/** A member of a group. */
export interface GroupMember {
  readonly channel: string;
  /** The process that it is in. */
  readonly process: string;
  /** What its consumer's `memberUser()` returns. */
  readonly user?: string;
}

/** What to do with members. */
export type MemberOrder = { readonly target: MemberTarget; readonly except: string | undefined } & (
  | { readonly kind: "count" }
  | { readonly kind: "list"; readonly limit: number; readonly after: string }
  | { readonly kind: "disconnect"; readonly code: number; readonly reason: string }
  | { readonly kind: "move"; readonly to: string }
);

export interface ControlRequest {
  readonly id: string;
  readonly replyTo: string;
  /** Of the processes that the asking one knows: who knows the same ones does not list them. */
  readonly digest: string;
  readonly order: MemberOrder;
}

export interface ControlReply {
  readonly id: string;
  readonly count: number;
  readonly members: readonly GroupMember[];
  /** Whether the process is one of the layer's `groupProcesses`. */
  readonly isGroupProcess: boolean;
}

export interface KnownProcess {
  readonly channel: string;
  readonly name: string;
}

export interface SeenProcess extends KnownProcess {
  /** How long ago it has said that it is there, in milliseconds. */
  readonly ageMs: number;
}

/** A process starts, is answered by another one, is still there, or is about to leave. */
export type HelloPhase = "starting" | "answering" | "staying" | "leaving";

interface Hello extends KnownProcess {
  readonly kind: "hello";
  readonly phase: HelloPhase;
  /** Of an answer. */
  readonly known: readonly SeenProcess[];
}

interface Answer extends KnownProcess {
  readonly kind: "reply";
  readonly reply: ControlReply;
  readonly known: readonly SeenProcess[];
}

/** Returns the message that travels. */
export function toMessage(
  sent: Hello | Answer | { readonly kind: "request"; readonly request: ControlRequest },
): LayerMessage {
  if (sent.kind === "hello") {
    const { channel, name, phase } = sent;
    return { type: HELLO, channel, name, phase, known: toList(sent.known) };
  }
  if (sent.kind === "request") {
    const { id, replyTo, digest, order } = sent.request;
    const { target, ...rest } = order;
    return { type: REQUEST, id, replyTo, digest, order: { ...rest, group: target.group, user: target.user } };
  }
  const { reply, channel, name, known } = sent;
  const members = reply.members.map((member) => ({ ...member }));
  const { id, count, isGroupProcess } = reply;
  return { type: REPLY, id, count, isGroupProcess, members, channel, name, known: toList(known) };
}

function toList(known: readonly SeenProcess[]): LayerValue {
  return known.slice(0, MAX_KNOWN).map((process) => ({ ...process }));
}

// Anything with access to the server can send these messages. What is not of their form is ignored.

export function readHello({ type, channel, name, phase, known }: LayerMessage): Hello | undefined {
  const process = { channel, name };
  if (type !== HELLO || !isProcess(process) || !isPhase(phase) || !isKnown(known)) return undefined;
  return { kind: "hello", ...process, phase, known };
}

export function readRequest({ type, id, replyTo, digest, order }: LayerMessage): ControlRequest | undefined {
  if (type !== REQUEST || !matches(id, ID) || !matches(replyTo, CONTROL_CHANNEL)) return undefined;
  if (!matches(digest, DIGEST) || !isObject(order)) return undefined;
  const read = readOrder(order);
  return read && { id, replyTo, digest, order: read };
}

export function readReply(message: LayerMessage): Answer | undefined {
  const { type, id, count, members, isGroupProcess, channel, name, known } = message;
  const process = { channel, name };
  if (type !== REPLY || !matches(id, ID) || !isProcess(process) || !isWhole(count)) return undefined;
  if (!Array.isArray(members) || members.length > MAX_LISTED_MEMBERS || !members.every(isMember)) return undefined;
  if (!isKnown(known)) return undefined;
  return { kind: "reply", ...process, reply: { id, count, members, isGroupProcess: isGroupProcess === true }, known };
}

function readOrder(order: Readonly<Record<string, unknown>>): MemberOrder | undefined {
  const { kind, group, user, except } = order;
  if (group !== undefined && !isGroupName(group)) return undefined;
  if (user !== undefined && !isUser(user)) return undefined;
  if (except !== undefined && !isChannelName(except)) return undefined;
  const target = toTarget(group, user);
  if (target === undefined) return undefined;
  if (kind === "count") return { kind, target, except };
  if (kind === "list") {
    const { limit, after } = order;
    if (!isWhole(limit) || limit < 1 || limit > MAX_LISTED_MEMBERS) return undefined;
    return after === "" || isChannelName(after) ? { kind, target, except, limit, after } : undefined;
  }
  if (kind === "disconnect") {
    const { code, reason } = order;
    if (!isCloseCode(code) || typeof reason !== "string" || Buffer.byteLength(reason) > MAX_REASON_BYTES)
      return undefined;
    return { kind, target, except, code, reason };
  }
  const { to } = order;
  return kind === "move" && group !== undefined && isGroupName(to) ? { kind, target, except, to } : undefined;
}

function toTarget(group: string | undefined, user: string | undefined): MemberTarget | undefined {
  if (group !== undefined) return user === undefined ? { group } : { group, user };
  return user === undefined ? undefined : { user };
}

function isProcess(
  value: LayerValue | object | undefined,
): value is { readonly channel: string; readonly name: string } {
  if (!isObject(value)) return false;
  const { channel, name } = value;
  return matches(channel, CONTROL_CHANNEL) && typeof name === "string" && name.length <= 100;
}

function isPhase(value: unknown): value is HelloPhase {
  return value === "starting" || value === "answering" || value === "staying" || value === "leaving";
}

function isKnown(value: unknown): value is readonly SeenProcess[] {
  return Array.isArray(value) && value.length <= MAX_KNOWN && value.every(isSeen);
}

function isSeen(value: unknown): value is SeenProcess {
  return isProcess(value as object) && isWhole((value as { readonly ageMs?: unknown }).ageMs);
}

function isMember(value: unknown): value is GroupMember {
  if (!isObject(value)) return false;
  const { channel, process, user } = value;
  const isDescribed = isChannelName(channel) && typeof process === "string" && process.length <= 100;
  return isDescribed && (user === undefined || isUser(user));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === "string" && pattern.test(value);
}

/** Whether a value can be the user of a member: others refuse a whole answer with another one in it. */
export function isUser(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAX_USER_LENGTH;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
