/**
 * UTF-8 bytes of a body that cost as much to store, deliver and index as an ordinary command. Bytes, because a script of three
 * bytes a character often has as many words as characters.
 */
const BODY_BYTES_PER_COMMAND = 2_000;
/** UTF-8 bytes of a reply that cost as much to read, copy and send as an ordinary command. */
const REPLY_BYTES_PER_COMMAND = 25_000;

/** Headers of a request, and bytes of them, that browsers and proxies send; each of the others takes microseconds. */
const ORDINARY_HEADERS = { count: 50, bytes: 4_000 } as const;
const HEADERS_PER_COMMAND = 25;

/** Returns what the headers and the target of a request cost beyond those of an ordinary one. @param raw names and values in turn */
export function headerCost(raw: readonly string[], target: string): number {
  const count = raw.length / 2 - ORDINARY_HEADERS.count;
  const bytes = raw.reduce((sum, text) => sum + text.length, target.length) - ORDINARY_HEADERS.bytes;
  return Math.max(0, Math.floor(count / HEADERS_PER_COMMAND)) + Math.max(0, bodyCostOfBytes(bytes));
}

/** Returns what a message costs beyond an ordinary command, in ordinary commands. */
export function bodyCost(body: string): number {
  return bodyCostOfBytes(Buffer.byteLength(body));
}

export function bodyCostOfBytes(bytes: number): number {
  return Math.floor(bytes / BODY_BYTES_PER_COMMAND);
}

/** Returns what a reply costs beyond that of an ordinary command, in ordinary commands. */
export function replyCost(reply: string): number {
  return Math.floor(Buffer.byteLength(reply) / REPLY_BYTES_PER_COMMAND);
}
