import { binaryFrame, type SharedFrame, textFrame } from "@multichat/channels";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameJoiner } from "../../src/server/frame-joiner.ts";

const bytesOf = (frames: readonly SharedFrame[]) => frames.reduce((sum, { bytes }) => sum + bytes, 0);
const join = (joiner: FrameJoiner, frames: readonly SharedFrame[]) => joiner.join(frames, bytesOf(frames));
const large = binaryFrame(new Uint8Array(10_000));

describe("the frames of a socket", () => {
  it("are joined in order, or written one by one, whatever the sockets before had", () => {
    const pool = [
      ...Array.from({ length: 6 }, (_, i) => textFrame("x".repeat(i * 40))),
      large,
      binaryFrame(new Uint8Array(9_000)),
    ];
    const list = fc.array(fc.constantFrom(...pool), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(list, { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(5), { maxLength: 40 }),
        (lists, order) => {
          const joiner = new FrameJoiner();
          for (const index of order) {
            const frames = lists[index % lists.length] ?? [];
            const joined = join(joiner, frames);
            if (joined === undefined) {
              expect(bytesOf(frames)).toBeGreaterThanOrEqual(16_384);
              expect(frames.length).toBeLessThanOrEqual(32);
            } else {
              expect(joined.equals(Buffer.concat(frames.map(({ buffer }) => buffer)))).toBe(true);
            }
          }
        },
      ),
    );
  });

  it("are joined once for all sockets that have the same", () => {
    const joiner = new FrameJoiner();
    const frames = [textFrame("a"), textFrame("b")];
    expect(join(joiner, [...frames])).toBe(join(joiner, [...frames]));
  });

  it("are joined once even if every second socket has others between them", () => {
    const joiner = new FrameJoiner();
    const common = [large, large];
    const first = [join(joiner, common), join(joiner, [large, textFrame("reply 0"), large]), join(joiner, common)];
    expect(first[0]).toBeUndefined();
    expect(first[2]?.length).toBe(bytesOf(common));
    for (let socket = 1; socket < 20; socket += 1) {
      expect(join(joiner, [large, textFrame(`reply ${socket}`), large])).toBeUndefined();
      expect(join(joiner, common)).toBe(first[2]);
    }
  });

  it("are copied where they are many or small", () => {
    const joiner = new FrameJoiner();
    expect(join(joiner, [textFrame("a"), textFrame("b")])).toBeDefined();
    expect(
      join(
        joiner,
        Array.from({ length: 33 }, () => large),
      ),
    ).toBeDefined();
  });

  it("are forgotten after a pass", () => {
    const joiner = new FrameJoiner();
    const frames = [textFrame("a"), textFrame("b")];
    const joined = join(joiner, frames);
    joiner.reset();
    expect(join(joiner, frames)).not.toBe(joined);
  });
});
