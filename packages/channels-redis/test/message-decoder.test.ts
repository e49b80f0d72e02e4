import { Decoder, Encoder } from "@msgpack/msgpack";
import { freezeMessage, MAX_MESSAGE_DEPTH } from "@multichat/channels/layer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageDecoder } from "../src/codec/message-decoder.ts";

const encoder = new Encoder({ useBigInt64: true });
const decoder = new MessageDecoder();

/** What the library reads, in the form that a layer delivers; undefined where it is no message. */
function readByLibrary(bytes: Uint8Array): unknown {
  try {
    return freezeMessage(new Decoder({ useBigInt64: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

const INTEGERS = [7, 8, 15, 16, 31, 32, 52, 53, 62, 63].flatMap((bits) =>
  [-1n, 0n, 1n].flatMap((more) => [2n ** BigInt(bits) + more, -(2n ** BigInt(bits)) + more]),
);
const MAX_INTEGER = 2n ** 64n - 1n;

const key = fc.string({ maxLength: 60 }).filter((text) => text !== "__proto__");
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false, 0, -0, 1.5, 2 ** 53, -(2 ** 53), "", "x".repeat(300)),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.bigInt({ min: -(2n ** 63n), max: MAX_INTEGER }),
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie("any"), { maxLength: 20 }),
    fc.dictionary(key, tie("any"), { maxKeys: 20 }),
  ),
})).any;

describe("the decoder of messages", () => {
  it("reads what the library writes, as the library does", () => {
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 8 }), (rest) => {
        const bytes = encoder.encode({ ...rest, type: "x" });
        expect(decoder.decode(bytes)).toEqual(readByLibrary(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it.each([...INTEGERS, MAX_INTEGER, MAX_INTEGER - 1n].filter((n) => n >= -(2n ** 63n)))(
    "reads the integer %s",
    (n) => {
      const isSafe = n >= Number.MIN_SAFE_INTEGER && n <= Number.MAX_SAFE_INTEGER;
      const bytes = encoder.encode({ type: "x", n });
      expect(decoder.decode(bytes)).toEqual({ type: "x", n: isSafe ? Number(n) : n });
      if (isSafe)
        expect(decoder.decode(new Encoder().encode({ type: "x", n: Number(n) }))).toEqual({ type: "x", n: Number(n) });
    },
  );

  it("reads changed bytes as the library does, or refuses them", () => {
    const ascii = fc.record({
      type: fc.constant("x"),
      a: fc.oneof(fc.integer(), fc.string({ maxLength: 40 }), fc.array(fc.integer(), { maxLength: 20 })),
      b: fc.dictionary(fc.string({ maxLength: 10 }), fc.oneof(fc.boolean(), fc.double()), { maxKeys: 8 }),
    });
    // Headers that announce up to four billion bytes or elements, for which the library reserves memory; and bytes that are no
    // part of ASCII, which it reads as other characters where they are no UTF-8.
    const isTrusted = (bytes: Uint8Array) => bytes.every((byte) => byte < 0xc6 || (byte >= 0xca && byte <= 0xd3));
    fc.assert(
      fc.property(ascii, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 }), (message, changes) => {
        const bytes = Uint8Array.from(encoder.encode(message));
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        const decoded = decoder.decode(bytes);
        if (decoded === undefined || JSON.stringify(decoded, toText).match(/[^\x20-\x7e]/)) return;
        if (isTrusted(bytes)) expect(decoded).toEqual(readByLibrary(bytes));
      }),
      { numRuns: 5_000 },
    );
  });

  it("freezes everything but bytes, which are copies", () => {
    const bytes = encoder.encode({ type: "x", list: [{ a: [] }], data: new Uint8Array([1, 2, 3]) });
    const decoded = decoder.decode(bytes);
    // The message that was encoded above.
    const { list, data } = decoded as unknown as { list: readonly { a: readonly unknown[] }[]; data: Uint8Array };
    for (const part of [decoded, list, list[0], list[0]?.a]) expect(Object.isFrozen(part)).toBe(true);
    bytes.fill(0);
    expect([...data]).toEqual([1, 2, 3]);
  });

  it("reads as many levels as a message can have, and refuses one more", () => {
    const nested = (levels: number) => {
      let inner: unknown = [];
      for (let level = 2; level < levels; level += 1) inner = [inner];
      return new Encoder({ maxDepth: 1_000 }).encode({ type: "x", inner });
    };
    expect(decoder.decode(nested(MAX_MESSAGE_DEPTH))).toBeDefined();
    expect(decoder.decode(nested(MAX_MESSAGE_DEPTH + 1))).toBeUndefined();
  });

  it("keeps keys apart that share a place in its memory", () => {
    const keys = Array.from({ length: 2_000 }, (_, index) => `key${index}`.padEnd(3 + (index % 45), "é"));
    for (let round = 0; round < 3; round += 1) {
      for (const name of keys)
        expect(decoder.decode(encoder.encode({ type: "x", [name]: 1 }))).toEqual({ type: "x", [name]: 1 });
    }
  });

  it.each([
    ["a map as key", [0x82, 0xa4, 0x74, 0x79, 0x70, 0x65, 0xa1, 0x78, 0x80, 0x01]],
    ["bytes as key", [0x82, 0xa4, 0x74, 0x79, 0x70, 0x65, 0xa1, 0x78, 0xc4, 0x00, 0x01]],
    ["null as key", [0x82, 0xa4, 0x74, 0x79, 0x70, 0x65, 0xa1, 0x78, 0xc0, 0x01]],
    ["NaN", [0x82, 0xa4, 0x74, 0x79, 0x70, 0x65, 0xa1, 0x78, 0xa1, 0x6e, 0xca, 0x7f, 0xc0, 0x00, 0x00]],
    ["an infinite number", [0x82, 0xa4, 0x74, 0x79, 0x70, 0x65, 0xa1, 0x78, 0xa1, 0x6e, 0xca, 0x7f, 0x80, 0x00, 0x00]],
    ["an extension", [0x82, 0xa4, 0x74, 0x79, 0x70, 0x65, 0xa1, 0x78, 0xa1, 0x6e, 0xd4, 0x01, 0x00]],
    ["a second value", [0x81, 0xa4, 0x74, 0x79, 0x70, 0x65, 0xa1, 0x78, 0xc0]],
  ])("refuses %s", (_kind, bytes) => {
    expect(decoder.decode(Uint8Array.from(bytes))).toBeUndefined();
    expect(readByLibrary(Uint8Array.from(bytes))).toBeUndefined();
  });
});

function toText(_key: string, part: unknown): unknown {
  return typeof part === "bigint" || part instanceof Uint8Array ? String(part) : part;
}
