import { randomUUID } from "node:crypto";
import { ChannelsError } from "../errors.ts";

const channelForm = /^[A-Za-z0-9\-_.]+(?:![A-Za-z0-9\-_.]+)?$/;
const plainForm = /^[A-Za-z0-9\-_.]+$/;
const maxNameLength = 99;
const maxPrefixLength = 50;

/**
 * Names that were found valid. The same few are used for every message, and a look-up costs less than the expression.
 * Bounded: at the limit the cache starts afresh, so that a flood of new names costs a check each and no memory.
 */
class ValidNames {
  readonly #known = new Set<string>();
  readonly #form: RegExp;
  readonly #kind: "channel" | "group";

  constructor(kind: "channel" | "group", form: RegExp) {
    this.#kind = kind;
    this.#form = form;
  }

  check(name: string): void {
    if (this.#known.has(name)) return;
    if (typeof name !== "string" || name.length > maxNameLength || !this.#form.test(name)) {
      throw new ChannelsError("InvalidName", { kind: this.#kind, got: name });
    }
    if (this.#known.size >= maxKnownNames) this.#known.clear();
    this.#known.add(name);
  }
}

const maxKnownNames = 20_000;
const channelNames = new ValidNames("channel", channelForm);
const groupNames = new ValidNames("group", plainForm);

/** @throws InvalidName when a channel name breaks L1. */
export function checkChannelName(name: string): void {
  channelNames.check(name);
}

/** @throws InvalidName when a group name breaks L1. */
export function checkGroupName(name: string): void {
  groupNames.check(name);
}

/** @throws InvalidName when a layer's alias is not of the form of a group name. */
export function checkAlias(alias: string): void {
  if (typeof alias !== "string" || alias.length > maxNameLength || !plainForm.test(alias)) {
    throw new ChannelsError("InvalidName", { kind: "alias", got: alias });
  }
}

/** Makes names of the form `prefix.process!local` that no other call, process or machine makes. */
export class ChannelNamer {
  /** The process part without a prefix: 32 hexadecimal digits, random for every namer. */
  readonly process: string = randomUUID().replaceAll("-", "");
  #made = 0;

  /** @throws InvalidName when the prefix breaks L1 or is longer than 50. */
  next(prefix = "specific"): string {
    if (typeof prefix !== "string" || prefix.length > maxPrefixLength || !plainForm.test(prefix)) {
      throw new ChannelsError("InvalidName", { kind: "prefix", got: prefix });
    }
    this.#made += 1;
    return `${prefix}.${this.process}!${this.#made.toString(36)}`;
  }
}
