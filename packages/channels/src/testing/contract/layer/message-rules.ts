import fc from "fast-check";
import { expect } from "vitest";
import type { LayerMessage, LayerValue } from "../../../layer/channel-layer.ts";
import type { LayerContractFixture } from "./fixture.ts";

/** Generates values of the kinds that the layer supports. */
export function layerValues(fixture: LayerContractFixture): fc.Arbitrary<LayerValue> {
  const supports = (capability: "bytes" | "bigint") => fixture.options.unsupported?.[capability] === undefined;
  // Whole characters only: a lone surrogate has no UTF-8 form.
  const text = fc.string({ unit: "binary", maxLength: 40 });
  const leaves: fc.Arbitrary<LayerValue>[] = [
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
  ];
  if (supports("bytes")) leaves.push(fc.uint8Array({ maxLength: 300 }));
  if (supports("bigint")) leaves.push(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }));
  return fc.letrec<{ value: LayerValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      ...leaves,
      fc.array(tie("value"), { maxLength: 5 }),
      fc.dictionary(
        text.filter((key) => key !== "__proto__"),
        tie("value"),
        { maxKeys: 5, noNullPrototype: false },
      ),
    ),
  })).value;
}

/** Returns a value as it is received: msgpack has a single zero, and does not distinguish number and bigint. */
function toReceivedForm(value: LayerValue | undefined): unknown {
  if (typeof value === "number") return value === 0 ? 0 : value;
  if (typeof value === "bigint") {
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(toReceivedForm);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [key, toReceivedForm(member)]),
  );
}

class ClassInstance {
  readonly text = "an instance of a class";
}

const cyclic: Record<string, unknown> = {};
cyclic.child = { parent: cyclic };

const UNSUPPORTED_VALUES: readonly (readonly [string, unknown, string])[] = [
  ["a date", { at: new Date(0) }, "message.body.at"],
  ["a function", { call: () => 1 }, "message.body.call"],
  ["a symbol", [Symbol("s")], "message.body[0]"],
  ["an instance of a class", [[new ClassInstance()]], "message.body[0][0]"],
  ["a map", { seen: new Map() }, "message.body.seen"],
  ["NaN", { n: Number.NaN }, "message.body.n"],
  ["infinity", [1, Number.POSITIVE_INFINITY], "message.body[1]"],
  ["an integer beyond 64 bits", { n: 2n ** 64n }, "message.body.n"],
  ["a cycle", cyclic, "message.body.child.parent"],
  ["a typed array that is not bytes", { list: new Float64Array(1) }, "message.body.list"],
  ["a key __proto__", JSON.parse('{"__proto__": {"admin": true}}'), "message.body.__proto__"],
];

/** Tests L2 (messages are data, and copied). */
export function testMessageRules(fixture: LayerContractFixture): void {
  fixture.testRule("L2", "delivers a message equal to the sent one, for any data", async () => {
    const layer = await fixture.createLayer();
    const { channel, inbox } = await fixture.createListener(layer);
    await fc.assert(
      fc.asyncProperty(layerValues(fixture), async (body) => {
        const count = inbox.deliveries.length + 1;
        await layer.send(channel, { type: "any.data", body });
        const arrived = (await inbox.waitForCount(count)).at(-1);
        expect(toReceivedForm(arrived)).toStrictEqual({ type: "any.data", body: toReceivedForm(body) });
        expect(toReceivedForm(inbox.deliveries.at(-1)?.copy())).toStrictEqual({
          type: "any.data",
          body: toReceivedForm(body),
        });
      }),
      { numRuns: fixture.runs },
    );
  });

  fixture.testRule("L2", "delivers numbers at the limits unchanged", async () => {
    const layer = await fixture.createLayer();
    const { channel, inbox } = await fixture.createListener(layer);
    const limits = [8, 16, 31, 32, 53].flatMap((bits) => [2 ** bits - 1, 2 ** bits, -(2 ** bits), -(2 ** bits) - 1]);
    const numbers = [...limits, 0.1, -1.5, 1e21, Number.MAX_VALUE, Number.MIN_VALUE, Number.MIN_SAFE_INTEGER];
    await layer.send(channel, { type: "numbers", numbers });
    expect((await inbox.waitForCount(1))[0]).toEqual({ type: "numbers", numbers });
  });

  fixture.testRule(
    "L2",
    "delivers 64-bit integers exactly",
    async () => {
      const layer = await fixture.createLayer();
      const { channel, inbox } = await fixture.createListener(layer);
      const numbers = [2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n - 1n];
      await layer.send(channel, { type: "numbers", numbers });
      expect((await inbox.waitForCount(1))[0]).toEqual({ type: "numbers", numbers });
    },
    "bigint",
  );

  fixture.testRule(
    "L2",
    "delivers bytes as bytes, and a separate copy to each receiver",
    async () => {
      const layer = await fixture.createLayer();
      const group = fixture.uniqueName("group");
      const members = [await fixture.createMember(layer, group), await fixture.createMember(layer, group)] as const;
      const sent = Buffer.from([0, 1, 127, 128, 255]);
      const sending = layer.groupSend(group, { type: "bytes", sent, none: new Uint8Array() });
      sent.fill(9);
      await sending;
      for (const { inbox } of members) await inbox.waitForCount(1);
      const copies = members.map(({ inbox }) => inbox.deliveries[0]?.copy());
      const expected = { type: "bytes", sent: Uint8Array.of(0, 1, 127, 128, 255), none: new Uint8Array() };
      expect(copies).toStrictEqual([expected, expected]);
      const [first, second] = copies;
      if (first?.sent instanceof Uint8Array) first.sent.fill(7);
      expect(second).toStrictEqual(expected);
    },
    "bytes",
  );

  fixture.testRule("L2", "delivers -0 as 0, and safe integers as numbers", async () => {
    const layer = await fixture.createLayer();
    const { channel, inbox } = await fixture.createListener(layer);
    const small =
      fixture.options.unsupported?.bigint === undefined ? [5n, -(2n ** 53n) + 1n] : [5, Number.MIN_SAFE_INTEGER];
    await layer.send(channel, { type: "numbers", numbers: [-0, ...small] });
    expect((await inbox.waitForCount(1))[0]).toEqual({ type: "numbers", numbers: [0, 5, Number.MIN_SAFE_INTEGER] });
  });

  fixture.testRule("L2", "drops undefined members, and delivers undefined elements as null, as JSON does", async () => {
    const layer = await fixture.createLayer();
    const { channel, inbox } = await fixture.createListener(layer);
    // The types forbid such lists, but untyped callers can send them.
    const list = [1, undefined, 3] as LayerValue[];
    await layer.send(channel, { type: "sparse", gone: undefined, inner: { gone: undefined, present: 1 }, list });
    expect((await inbox.waitForCount(1))[0]).toStrictEqual({
      type: "sparse",
      inner: { present: 1 },
      list: [1, null, 3],
    });
  });

  fixture.testRule(
    "L2",
    "delivers a message as it was when it was sent, even if the sender changes it later",
    async () => {
      const layer = await fixture.createLayer();
      const { channel, inbox } = await fixture.createListener(layer);
      const message = { type: "draft", words: ["as", "sent"] };
      const sending = layer.send(channel, message);
      message.type = "changed";
      message.words.push("later");
      await sending;
      expect((await inbox.waitForCount(1))[0]).toEqual({ type: "draft", words: ["as", "sent"] });
    },
  );

  fixture.testRule("L2", "gives receivers separate copies, and one frozen message that they share", async () => {
    const layer = await fixture.createLayer();
    const group = fixture.uniqueName("group");
    const members = [await fixture.createMember(layer, group), await fixture.createMember(layer, group)] as const;
    await layer.groupSend(group, { type: "shared", inner: { list: [1, 2] } });
    for (const { inbox } of members) await inbox.waitForCount(1);
    const [first, second] = members.map(({ inbox }) => inbox.deliveries[0]);
    const copy = first?.copy() as { type: string; inner: { list: number[] } };
    copy.type = "changed";
    copy.inner.list.push(3);
    expect(second?.copy()).toEqual({ type: "shared", inner: { list: [1, 2] } });
    // The message is the one that was sent.
    const message = first?.message as unknown as { inner: { list: number[] } };
    expect(() => message.inner.list.push(3)).toThrow(TypeError);
    expect(Object.isFrozen(message) && Object.isFrozen(message.inner)).toBe(true);
  });

  fixture.testRule("L2", "gives the members in one process the same delivery, so that it is encoded once", async () => {
    const layer = await fixture.createLayer();
    const group = fixture.uniqueName("group");
    const members = [
      await fixture.createMember(layer, group),
      await fixture.createMember(layer, group),
      await fixture.createMember(layer, group),
    ];
    await layer.groupSend(group, { type: "frame", text: "hello" });
    for (const { inbox } of members) await inbox.waitForCount(1);
    const encoder = {};
    const other = {};
    let encoded = 0;
    const encode = (message: LayerMessage) => {
      encoded += 1;
      return JSON.stringify(message);
    };
    const frames = members.map(({ inbox }) => inbox.deliveries[0]?.shared(encoder, encode));
    expect(frames.map((frame) => JSON.parse(frame ?? ""))).toEqual(Array(3).fill({ type: "frame", text: "hello" }));
    expect(encoded).toBe(1);
    for (const { inbox } of members) expect(inbox.deliveries[0]?.shared(other, () => undefined)).toBeUndefined();
    expect(members[0]?.inbox.deliveries[0]?.shared(other, () => "made again")).toBeUndefined();
  });

  for (const [what, body, path] of UNSUPPORTED_VALUES) {
    fixture.testRule("L2", `rejects ${what} and names its path`, async () => {
      const layer = await fixture.createLayer();
      const group = fixture.uniqueName("group");
      const member = await fixture.createMember(layer, group);
      // The cast is needed because the types forbid the value.
      const message = { type: "unsupported", body } as LayerMessage;
      const invalidMessage = { code: "InvalidMessage", details: { path } };
      await expect(layer.send(member.channel, message)).rejects.toMatchObject(invalidMessage);
      await expect(layer.groupSend(group, message)).rejects.toMatchObject(invalidMessage);
      expect(await fixture.receivedTypes(layer, member)).toEqual([]);
    });
  }

  fixture.testRule("L2", "rejects a message that is not a plain object with a string type", async () => {
    const layer = await fixture.createLayer();
    for (const message of [undefined, null, "text", 1, [], {}, { type: 1 }, { type: null }, new ClassInstance()]) {
      // The types forbid such a message.
      const sending = layer.send("channel", message as unknown as LayerMessage);
      await expect(sending).rejects.toMatchObject({ code: "InvalidMessage" });
    }
  });
}
