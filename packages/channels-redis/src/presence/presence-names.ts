import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { isPresenceId } from "@multichat/channels/presence";

/** How groups, members and connections are named on the server. None of the names contains a space. */
export interface PresenceNames {
  group(group: string): string;
  connection(connection: string): string;
  member(group: string, member: string): string;
  /** Returns the member of a name; undefined where no process of this presence can have written it. */
  readMember(group: string, name: string): string | undefined;
}

/** @param key The key phrase; undefined: names are written as they are. */
export function makePresenceNames(key: string | Uint8Array | undefined): PresenceNames {
  return key === undefined ? PLAIN_NAMES : new EncryptedNames(key);
}

const PLAIN_NAMES: PresenceNames = {
  group: (group) => group,
  connection: (connection) => connection,
  member: (_group, member) => member,
  readMember: (_group, name) => (isPresenceId(name) ? name : undefined),
};

const KEY_BYTES = 32;
const TAG_BYTES = 16;
const MAX_KNOWN_GROUPS = 10_000;

/**
 * Names that say nothing to a reader of the server, and that only a holder of the key can make. The scripts compare names, so
 * equal ones must stay equal: groups and connections are hashed with the key, members are encrypted with a vector that is a MAC
 * over the group and themselves, as in SIV (RFC 5297), which also authenticates them. So a reader sees how many members a group
 * has, and when the same one returns to it, but not whether it is in another group, too.
 */
class EncryptedNames implements PresenceNames {
  readonly #authentication: Buffer;
  readonly #encryption: Buffer;
  /** The names of groups that were computed before: a process uses few of them, and often. */
  readonly #groups = new Map<string, string>();

  constructor(phrase: string | Uint8Array) {
    const keys = Buffer.from(hkdfSync("sha256", phrase, "", "multichat presence names", 2 * KEY_BYTES));
    this.#authentication = keys.subarray(0, KEY_BYTES);
    this.#encryption = keys.subarray(KEY_BYTES);
  }

  group(group: string): string {
    const known = this.#groups.get(group);
    if (known !== undefined) return known;
    const name = this.#mac("group", group).toString("base64url");
    if (this.#groups.size >= MAX_KNOWN_GROUPS) this.#groups.clear();
    this.#groups.set(group, name);
    return name;
  }

  connection(connection: string): string {
    return this.#mac("connection", connection).toString("base64url");
  }

  member(group: string, member: string): string {
    const plain = Buffer.from(member);
    const tag = this.#memberTag(group, plain);
    const cipher = createCipheriv("aes-256-ctr", this.#encryption, tag);
    return Buffer.concat([tag, cipher.update(plain), cipher.final()]).toString("base64url");
  }

  readMember(group: string, name: string): string | undefined {
    const bytes = Buffer.from(name, "base64url");
    // Several texts decode to the same bytes; only one of them was written.
    if (bytes.length <= TAG_BYTES || bytes.toString("base64url") !== name) return undefined;
    const tag = bytes.subarray(0, TAG_BYTES);
    const decipher = createDecipheriv("aes-256-ctr", this.#encryption, tag);
    const plain = Buffer.concat([decipher.update(bytes.subarray(TAG_BYTES)), decipher.final()]);
    if (!timingSafeEqual(tag, this.#memberTag(group, plain))) return undefined;
    const member = plain.toString();
    return isPresenceId(member) ? member : undefined;
  }

  #memberTag(group: string, plain: Uint8Array): Buffer {
    return this.#mac("member", group, plain).subarray(0, TAG_BYTES);
  }

  /** Each part after its length: no two lists of parts are one text. */
  #mac(...parts: readonly (string | Uint8Array)[]): Buffer {
    const mac = createHmac("sha256", this.#authentication);
    for (const part of parts) mac.update(`${Buffer.byteLength(part)}:`).update(part);
    return mac.digest();
  }
}
