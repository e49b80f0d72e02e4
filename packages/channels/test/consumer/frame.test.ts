import { binaryFrame, jsonFrame, SharedFrame, textFrame } from "@multichat/channels";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

/** Parses a frame by RFC 6455, section 5.2, independently of the implementation. */
function parseFrame(bytes: Buffer): { fin: boolean; opcode: number; masked: boolean; payload: Buffer } {
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  let length = short;
  let at = 2;
  if (short === 126) {
    length = bytes.readUInt16BE(2);
    at = 4;
  } else if (short === 127) {
    length = Number(bytes.readBigUInt64BE(2));
    at = 10;
  }
  expect(bytes.length).toBe(at + length);
  return { fin: first >> 7 === 1, opcode: first & 0x0f, masked: second >> 7 === 1, payload: bytes.subarray(at) };
}

describe("a frame", () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])("has the shortest header for %i bytes", (length) => {
    const payload = new Uint8Array(length).fill(7);
    const frame = binaryFrame(payload);
    const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    expect(frame.bytes).toBe(header + length);
    expect(parseFrame(frame.buffer)).toMatchObject({ fin: true, opcode: 2, masked: false });
    expect(frame.payload.equals(payload)).toBe(true);
  });

  it("contains any text as UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 400 }), (text) => {
        const frame = textFrame(text);
        const { opcode, payload } = parseFrame(frame.buffer);
        expect(opcode).toBe(1);
        expect(payload.toString("utf8")).toBe(text);
        expect(frame.text).toBe(text);
        expect(frame.binary).toBe(false);
      }),
    );
  });

  it("contains a value as JSON", () => {
    expect(jsonFrame({ on: "x", list: [1, null] }).text).toBe('{"on":"x","list":[1,null]}');
  });

  it("does not change when the bytes that it was built from change", () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const frame = binaryFrame(bytes);
    bytes[0] = 9;
    expect([...frame.payload]).toEqual([1, 2, 3]);
    expect(Object.isFrozen(frame)).toBe(true);
  });

  it("is ephemeral if the option is set", () => {
    expect(textFrame("typing", { ephemeral: true })).toMatchObject({ ephemeral: true });
    expect(textFrame("message")).toMatchObject({ ephemeral: false });
    expect(textFrame("message")).toBeInstanceOf(SharedFrame);
  });
});
