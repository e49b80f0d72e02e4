import { constants, inflateRawSync } from "node:zlib";
import { binaryFrame, frameSequence, jsonFrame, SharedFrame, textFrame } from "@multichat/channels";
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

describe("a sequence of frames", () => {
  const inflate = (frame: SharedFrame): string =>
    inflateRawSync(Buffer.concat([frame.payload, Buffer.from([0, 0, 0xff, 0xff])]), {
      finishFlush: constants.Z_SYNC_FLUSH,
    }).toString("utf8");

  it("is the bytes of its frames, one after another", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 20 }), (texts) => {
        const frames = texts.map((text) => textFrame(text));
        const sequence = frameSequence(frames);
        expect(sequence.buffer.equals(Buffer.concat(frames.map(({ buffer }) => buffer)))).toBe(true);
        expect(sequence.bytes).toBe(frames.reduce((sum, { bytes }) => sum + bytes, 0));
        expect(sequence.count).toBe(texts.length);
        expect((sequence.parts ?? [sequence]).map(({ text }) => text)).toEqual(texts);
      }),
    );
  });

  it("of one frame is that frame, and of sequences one sequence", () => {
    const [a, b, c] = [textFrame("a"), binaryFrame(new Uint8Array([1])), textFrame("c")];
    expect(frameSequence([a])).toBe(a);
    expect(frameSequence([frameSequence([a, b]), c]).parts).toEqual([a, b, c]);
    expect(a.count).toBe(1);
    expect(a.parts).toBeUndefined();
  });

  it("is ephemeral if all of its frames are", () => {
    const [lasting, ephemeral] = [textFrame("a"), textFrame("b", { ephemeral: true })];
    expect(frameSequence([lasting, ephemeral]).ephemeral).toBe(false);
    expect(frameSequence([ephemeral, ephemeral]).ephemeral).toBe(true);
  });

  it("is compressed frame by frame", () => {
    const long = "the same words over and over, ".repeat(40);
    const { compressed } = frameSequence([textFrame(long), textFrame("short"), textFrame(long)]);
    expect(compressed.count).toBe(3);
    const [first, second, third] = compressed.parts ?? [];
    expect([first, third].map((frame) => frame && inflate(frame))).toEqual([long, long]);
    expect(second?.text).toBe("short");
    expect(compressed.bytes).toBe((compressed.parts ?? []).reduce((sum, { bytes }) => sum + bytes, 0));
  });

  it("needs a frame", () => {
    expect(() => frameSequence([])).toThrow("Expected at least one frame.");
  });
});
