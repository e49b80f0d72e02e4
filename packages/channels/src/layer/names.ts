import { randomUUID } from "node:crypto";
import { ChannelsError } from "../errors.ts";

const CHANNEL_PATTERN = /^[A-Za-z0-9\-_.]+(?:![A-Za-z0-9\-_.]+)?$/;
const NAME_PATTERN = /^[A-Za-z0-9\-_.]+$/;
export const MAX_NAME_LENGTH = 99;
const MAX_PREFIX_LENGTH = 50;

/**
 * Validates names and caches the valid ones: the same few are used for every message, and a lookup costs less than the
 * regular expression. The cache is cleared when it is full, so that a flood of new names costs no memory.
 */
class NameValidator {
  readonly #validNames = new Set<string>();
  readonly #isName: (value: unknown) => value is string;
  readonly #kind: "channel" | "group";

  constructor(kind: "channel" | "group", isName: (value: unknown) => value is string) {
    this.#kind = kind;
    this.#isName = isName;
  }

  check(name: string): void {
    if (this.#validNames.has(name)) return;
    if (!this.#isName(name)) {
      throw new ChannelsError("InvalidName", { kind: this.#kind, got: name });
    }
    if (this.#validNames.size >= MAX_CACHED_NAMES) this.#validNames.clear();
    this.#validNames.add(name);
  }
}

const MAX_CACHED_NAMES = 20_000;
const channelNames = new NameValidator("channel", isChannelName);
const groupNames = new NameValidator("group", isGroupName);

/**
 * Checks a channel name.
 * @throws InvalidName when it breaks L1.
 */
export function checkChannelName(name: string): void {
  channelNames.check(name);
}

/**
 * Checks a group name.
 * @throws InvalidName when it breaks L1.
 */
export function checkGroupName(name: string): void {
  groupNames.check(name);
}

/**
 * Checks a layer's alias, for which the rule of group names holds.
 * @throws InvalidName when it breaks L1.
 */
export function checkAlias(alias: string): void {
  if (!isGroupName(alias)) {
    throw new ChannelsError("InvalidName", { kind: "alias", got: alias });
  }
}

/** Returns whether a value that came from outside is a channel name (L1). */
export function isChannelName(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_NAME_LENGTH && CHANNEL_PATTERN.test(value);
}

/** Returns whether a value that came from outside is a group name (L1). */
export function isGroupName(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_NAME_LENGTH && NAME_PATTERN.test(value);
}

/** Generates names of the form `prefix.process!local` that no other call, process or machine generates. */
export class ChannelNameGenerator {
  /** The process part of the names, without the prefix: 32 random hexadecimal digits. */
  readonly processId: string = randomUUID().replaceAll("-", "");
  #count = 0;

  /**
   * Returns a new name.
   * @throws InvalidName when the prefix breaks L1 or is longer than 50 characters.
   */
  next(prefix = "specific"): string {
    if (typeof prefix !== "string" || prefix.length > MAX_PREFIX_LENGTH || !NAME_PATTERN.test(prefix)) {
      throw new ChannelsError("InvalidName", { kind: "prefix", got: prefix });
    }
    this.#count += 1;
    return `${prefix}.${this.processId}!${this.#count.toString(36)}`;
  }
}
