import { runInNewContext } from "node:vm";
import {
  copyMessage,
  freezeMessage,
  type LayerMessage,
  MAX_MESSAGE_DEPTH,
  SharedDelivery,
} from "@multichat/channels/layer";
import { describe, expect, it } from "vitest";

function nested(levels: number): unknown {
  let value: unknown = "deep";
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

describe("messages", () => {
  it("take plain objects from another realm and without a prototype", () => {
    const foreign: unknown = runInNewContext('({ type: "foreign", list: [{ n: 1 }] })');
    expect(freezeMessage(foreign)).toEqual({ type: "foreign", list: [{ n: 1 }] });
    expect(freezeMessage(Object.assign(Object.create(null), { type: "bare" }))).toEqual({ type: "bare" });
  });

  it("may be nested to the limit and no deeper", () => {
    // The message itself is the first level.
    expect(() => freezeMessage({ type: "deep", body: nested(MAX_MESSAGE_DEPTH - 1) })).not.toThrow();
    expect(() => freezeMessage({ type: "deep", body: nested(MAX_MESSAGE_DEPTH) })).toThrow(/at most 100 levels/);
  });

  it("name a key that is no identifier by its quoted form", () => {
    const sparse = { type: "quoted", body: { "two words": [{ "": Number.NaN }] } };
    expect(() => freezeMessage(sparse)).toThrow(
      'at message.body["two words"][0][""] expected a finite number, got NaN',
    );
  });

  it("that contain the same object twice, and not within itself, carry it twice", () => {
    const twice = { n: 1 };
    expect(freezeMessage({ type: "twice", list: [twice, twice] })).toEqual({
      type: "twice",
      list: [{ n: 1 }, { n: 1 }],
    });
  });

  it("refuse a member that throws or changes while it is read", () => {
    let reads = 0;
    const fickle = {
      type: "fickle",
      get body() {
        reads += 1;
        return reads === 1 ? Number.NaN : 1;
      },
    };
    expect(() => freezeMessage(fickle)).toThrow(/does not change while it is read/);
  });

  it("thaw into a copy that shares nothing with the frozen one", () => {
    const frozen = freezeMessage({ type: "both", list: [{ bytes: Uint8Array.of(1) }] });
    const thawed = copyMessage(frozen) as { list: { bytes: Uint8Array; more?: number }[] } & LayerMessage;
    expect(thawed).toEqual(frozen);
    const [first] = thawed.list;
    if (first !== undefined) {
      first.more = 2;
      first.bytes[0] = 9;
    }
    expect(frozen).toEqual({ type: "both", list: [{ bytes: Uint8Array.of(1) }] });
  });
});

describe("a shared delivery", () => {
  it("makes each key's value once, also when it is undefined or several keys alternate", () => {
    const delivery = SharedDelivery.from({ type: "shared" });
    const keys = [{}, {}, {}];
    const made: number[] = [];
    const ask = () =>
      keys.map((key, index) =>
        delivery.shared(key, () => {
          made.push(index);
          return index === 0 ? undefined : index;
        }),
      );
    expect([ask(), ask()]).toEqual([
      [undefined, 1, 2],
      [undefined, 1, 2],
    ]);
    expect(made).toEqual([0, 1, 2]);
  });

  it("asks again after `make` threw", () => {
    const delivery = SharedDelivery.from({ type: "shared" });
    const key = {};
    const fail = () => {
      throw new Error("cannot encode");
    };
    expect(() => delivery.shared(key, fail)).toThrow("cannot encode");
    expect(delivery.shared(key, ({ type }) => type)).toBe("shared");
  });
});
