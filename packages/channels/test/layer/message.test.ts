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
  it("can be plain objects from another realm or without a prototype", () => {
    const foreign: unknown = runInNewContext('({ type: "foreign", list: [{ n: 1 }] })');
    expect(freezeMessage(foreign)).toEqual({ type: "foreign", list: [{ n: 1 }] });
    expect(freezeMessage(Object.assign(Object.create(null), { type: "bare" }))).toEqual({ type: "bare" });
  });

  it("can be nested up to the limit", () => {
    // The message itself is the first level.
    expect(() => freezeMessage({ type: "deep", body: nested(MAX_MESSAGE_DEPTH - 1) })).not.toThrow();
    expect(() => freezeMessage({ type: "deep", body: nested(MAX_MESSAGE_DEPTH) })).toThrow(/at most 100 levels/);
  });

  it("show a key that is not an identifier in quotes", () => {
    const sparse = { type: "quoted", body: { "two words": [{ "": Number.NaN }] } };
    expect(() => freezeMessage(sparse)).toThrow(
      'at message.body["two words"][0][""] expected a finite number, got NaN',
    );
  });

  it("can contain the same object twice", () => {
    const twice = { n: 1 };
    expect(freezeMessage({ type: "twice", list: [twice, twice] })).toEqual({
      type: "twice",
      list: [{ n: 1 }, { n: 1 }],
    });
  });

  it("are rejected if a member changes while it is read", () => {
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

  it("are copied without sharing anything with the frozen original", () => {
    const frozen = freezeMessage({ type: "both", list: [{ bytes: Uint8Array.of(1) }] });
    const copy = copyMessage(frozen) as { list: { bytes: Uint8Array; more?: number }[] } & LayerMessage;
    expect(copy).toEqual(frozen);
    const [first] = copy.list;
    if (first !== undefined) {
      first.more = 2;
      first.bytes[0] = 9;
    }
    expect(frozen).toEqual({ type: "both", list: [{ bytes: Uint8Array.of(1) }] });
  });
});

describe("a shared delivery", () => {
  it("computes each key's value once, even if it is undefined or keys alternate", () => {
    const delivery = SharedDelivery.from({ type: "shared" });
    const keys = [{}, {}, {}];
    const computed: number[] = [];
    const getAll = () =>
      keys.map((key, index) =>
        delivery.shared(key, () => {
          computed.push(index);
          return index === 0 ? undefined : index;
        }),
      );
    expect([getAll(), getAll()]).toEqual([
      [undefined, 1, 2],
      [undefined, 1, 2],
    ]);
    expect(computed).toEqual([0, 1, 2]);
  });

  it("calls `make` again after it threw", () => {
    const delivery = SharedDelivery.from({ type: "shared" });
    const key = {};
    const fail = () => {
      throw new Error("cannot encode");
    };
    expect(() => delivery.shared(key, fail)).toThrow("cannot encode");
    expect(delivery.shared(key, ({ type }) => type)).toBe("shared");
  });
});
