/** Opcodes of RFC 6455. */
export const TEXT = 1;
export const CLOSE = 8;
export const PING = 9;

/** A pong masked with zeros, without a payload, as the servers' pings have none. */
export const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/** Encodes a client's frame. The mask is all zeros, which leaves the payload unchanged. */
export function clientFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header =
    length < 126 ? Buffer.from([0x81, 0x80 | length, 0, 0, 0, 0]) : Buffer.from([0x81, 0xfe, 0, 0, 0, 0, 0, 0]);
  if (length >= 126) header.writeUInt16BE(length, 2);
  return Buffer.concat([header, Buffer.from(text)]);
}
