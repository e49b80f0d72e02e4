import { expect } from "vitest";
import type { ChannelLayer, GroupHistory, GroupPosition } from "../../../layer/channel-layer.ts";
import { eventually } from "../../eventually.ts";
import type { LayerContractFixture, Listener } from "./fixture.ts";
import type { ContractLayerOptions } from "./options.ts";

const HISTORY = 20;

/** Tests L15 (positions), L16 (history), L17 (joining) and L18 (epochs). */
export function testHistoryRules(fixture: LayerContractFixture): void {
  const isSupported = fixture.options.unsupported?.history === undefined;
  const createLayer = (options: Partial<ContractLayerOptions> = {}) =>
    fixture.createLayer({ history: HISTORY, ...options });

  fixture.testRule(
    "L15",
    "numbers the events of each group, for the sender and for each member",
    async () => {
      const layer = await createLayer();
      const groups = [fixture.uniqueName("group"), fixture.uniqueName("group")];
      const epochs = new Set<string>();
      for (const group of groups) {
        const members = [await fixture.createMember(layer, group), await fixture.createMember(layer, group)];
        const sent = await sendNumbered(layer, group, 3);
        expect(offsetsOf(sent)).toEqual([1, 2, 3]);
        for (const { inbox } of members) {
          await inbox.waitForCount(3);
          expect(inbox.deliveries.map(({ position }) => position)).toEqual(
            sent.map((position) => ({ group, ...position })),
          );
          // The message is what was sent: the position is not part of it (L2).
          expect(inbox.messages).toEqual([1, 2, 3].map((n) => ({ type: "numbered", n })));
        }
        for (const { epoch } of sent) epochs.add(epoch);
      }
      expect(epochs.size).toBe(groups.length);
    },
    "history",
  );

  fixture.testRule("L15", "gives no position to events of a group without a history", async () => {
    const layers = [await fixture.createLayer()];
    if (isSupported) layers.push(await createLayer({ groupHistory: [{ group: "group*", history: 0 }] }));
    for (const layer of layers) {
      const group = fixture.uniqueName("group");
      const { channel, inbox } = await fixture.createMember(layer, group);
      expect(await layer.groupSend(group, { type: "sent" })).toBeUndefined();
      await layer.send(channel, { type: "direct" });
      await inbox.waitForCount(2);
      expect(inbox.deliveries.map(({ position }) => position)).toEqual([undefined, undefined]);
      const since = { epoch: "unknown", offset: 0 };
      const expected = { recovered: false, reason: "disabled", position: undefined, events: [] };
      expect(await layer.groupHistory(group)).toEqual(expected);
      expect(await layer.groupHistory(group, { since })).toEqual(expected);
    }
  });

  fixture.testRule(
    "L15",
    "delivers the events of several senders in the order of their offsets",
    async () => {
      const prefix = fixture.uniqueName("prefix");
      const options = { prefix, history: 100 };
      const layers = [await fixture.createLayer(options), await fixture.createLayer(options)];
      const group = fixture.uniqueName("group");
      const members = await Promise.all(layers.map((layer) => fixture.createMember(layer, group)));
      const sent = await Promise.all(layers.map((layer) => sendNumbered(layer, group, 40)));
      const numbers = Array.from({ length: 80 }, (_, index) => index + 1);
      expect(offsetsOf(sent.flat()).toSorted((a, b) => a - b)).toEqual(numbers);
      for (const positions of sent)
        expect(offsetsOf(positions)).toEqual(offsetsOf(positions).toSorted((a, b) => a - b));
      for (const { inbox } of members) {
        await inbox.waitForCount(80);
        expect(inbox.deliveries.map(({ position }) => position?.offset)).toEqual(numbers);
      }
      // Any process returns the history, in the same order.
      for (const layer of layers) {
        const { events } = await layer.groupHistory(group);
        expect(events.map(({ message, offset }) => ({ message, offset }))).toEqual(
          members[0]?.inbox.deliveries.map(({ message, position }) => ({ message, offset: position?.offset })),
        );
      }
    },
    "peers",
    "history",
  );

  fixture.testRule(
    "L16",
    "returns the newest events, oldest first, also those that no member got",
    async () => {
      const layer = await createLayer({ history: 4, capacity: 1 });
      const group = fixture.uniqueName("group");
      expect(await layer.groupHistory(group)).toMatchObject({ recovered: true, events: [], position: { offset: 0 } });
      await sendNumbered(layer, group, 4);
      const member = await fixture.createMember(layer, group);
      member.inbox.capacity = 0;
      await layer.groupSend(group, { type: "full" });
      const bytes = new Uint8Array([0, 255]);
      const sent = fixture.options.unsupported?.bytes === undefined ? { bytes } : {};
      const last = await layer.groupSend(group, { type: "excepted", ...sent }, { except: member.channel });
      expect(await layer.groupHistory(group)).toEqual({
        recovered: true,
        position: last,
        events: [
          { message: { type: "numbered", n: 3 }, offset: 3 },
          { message: { type: "numbered", n: 4 }, offset: 4 },
          { message: { type: "full" }, offset: 5 },
          { message: { type: "excepted", ...sent }, offset: 6, except: member.channel },
        ],
      });
      const newest = await layer.groupHistory(group, { limit: 1 });
      expect(newest.events.map(({ offset }) => offset)).toEqual([6]);
      expect(Object.isFrozen(newest.events[0]?.message)).toBe(true);
      expect(await layer.groupHistory(group, { limit: 0 })).toEqual({ recovered: true, position: last, events: [] });
    },
    "history",
  );

  fixture.testRule(
    "L16",
    "returns all events after a position, or the reason why it cannot",
    async () => {
      const layer = await createLayer({ history: 3 });
      const group = fixture.uniqueName("group");
      const sent = await sendNumbered(layer, group, 5);
      const [first, second, third, , last] = sent;
      if (last === undefined) throw new Error("Expected five positions.");
      const since = (position: GroupPosition | undefined, limit?: number) =>
        layer.groupHistory(group, { ...(position && { since: position }), ...(limit === undefined ? {} : { limit }) });
      for (const [position, offsets] of [
        [second, [3, 4, 5]],
        [third, [4, 5]],
        [last, []],
      ] as const) {
        const history = await since(position);
        expect(history).toMatchObject({ recovered: true, position: last });
        expect(history.events.map(({ offset }) => offset)).toEqual(offsets);
      }
      const { epoch, offset } = last;
      const gap = (reason: string) => ({ recovered: false, reason, position: last, events: [] });
      expect(await since(first)).toEqual(gap("expired"));
      expect(await since({ epoch, offset: 0 })).toEqual(gap("expired"));
      expect(await since(third, 1)).toEqual(gap("limit"));
      expect(await since(third, 2)).toMatchObject({ recovered: true });
      expect(await since({ epoch, offset: offset + 1 })).toEqual(gap("epoch"));
      expect(await since({ epoch: "0123456789ab", offset: 5 })).toEqual(gap("epoch"));
      expect(await since({ epoch: `${epoch}:5`, offset: 5 })).toEqual(gap("epoch"));
    },
    "history",
  );

  fixture.testRule("L16", "checks the group, the position and the limit", async () => {
    const layer = await (isSupported ? createLayer() : fixture.createLayer());
    const group = fixture.uniqueName("group");
    await expect(layer.groupHistory("not a name")).rejects.toMatchObject({ code: "InvalidName" });
    const invalid = { code: "InvalidOption" };
    for (const offset of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(layer.groupHistory(group, { since: { epoch: "a", offset } })).rejects.toMatchObject(invalid);
    }
    for (const epoch of ["", "x".repeat(65)]) {
      await expect(layer.groupHistory(group, { since: { epoch, offset: 0 } })).rejects.toMatchObject(invalid);
    }
    for (const limit of [-1, 1.5, 10_001]) {
      await expect(layer.groupHistory(group, { limit })).rejects.toMatchObject(invalid);
    }
    await layer.close();
    await expect(layer.groupHistory(group)).rejects.toMatchObject({ code: "LayerClosed" });
  });

  fixture.testTimedRule(
    "L16",
    "forgets events that are too old, one by one, and continues the numbering",
    async () => {
      const historyTtlMs = Math.ceil(fixture.expiryMs * 0.6);
      const layer = await createLayer({ historyTtlMs });
      const group = fixture.uniqueName("group");
      const old = await layer.groupSend(group, { type: "old" });
      await fixture.advance(historyTtlMs * 0.6);
      const recent = await layer.groupSend(group, { type: "recent" });
      await fixture.advance(historyTtlMs * 0.6);
      if (old === undefined || recent === undefined) throw new Error("Expected positions.");
      expect((await layer.groupHistory(group)).events.map(({ offset }) => offset)).toEqual([2]);
      expect(await layer.groupHistory(group, { since: old })).toMatchObject({
        recovered: true,
        events: [{ offset: 2 }],
      });
      const before = { epoch: old.epoch, offset: 0 };
      expect(await layer.groupHistory(group, { since: before })).toMatchObject({ recovered: false, reason: "expired" });
      await fixture.advance(historyTtlMs * 0.6);
      expect(await layer.groupHistory(group)).toMatchObject({ recovered: true, position: recent, events: [] });
      expect(await layer.groupHistory(group, { since: old })).toMatchObject({ recovered: false, reason: "expired" });
      // A client that has got everything has missed nothing, however long ago that was.
      expect(await layer.groupHistory(group, { since: recent })).toMatchObject({ recovered: true, events: [] });
      expect(await layer.groupSend(group, { type: "new" })).toEqual({ epoch: old.epoch, offset: 3 });
      expect(await layer.groupHistory(group, { since: recent })).toMatchObject({
        recovered: true,
        events: [{ offset: 3 }],
      });
    },
    "history",
  );

  fixture.testRule(
    "L17",
    "leaves no gap and no repetition between the history and what is delivered",
    async () => {
      const layer = await createLayer({ history: 1_000, capacity: 1_000 });
      const group = fixture.uniqueName("group");
      const start = await layer.groupSend(group, { type: "start" });
      if (start === undefined) throw new Error("Expected a position.");
      const total = 150;
      const joined: Promise<{ readonly listener: Listener; readonly history: GroupHistory }>[] = [];
      let last: Promise<unknown> = Promise.resolve();
      for (let n = 0; n < total; n += 1) {
        last = layer.groupSend(group, { type: "numbered", n });
        if (n % 10 === 5) {
          const join = async () => {
            const listener = await fixture.createMember(layer, group);
            return { listener, history: await layer.groupHistory(group, { since: start }) };
          };
          joined.push(join());
        }
        if (n % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await last;
      await layer.groupSend(group, { type: "end" });
      const expected = Array.from({ length: total + 1 }, (_, index) => index + 2);
      for (const { listener, history } of await Promise.all(joined)) {
        await listener.inbox.waitForType("end");
        expect(history.recovered).toBe(true);
        const delivered = listener.inbox.deliveries.map(({ position }) => position?.offset ?? 0);
        const head = history.position?.offset ?? 0;
        const offsets = [...history.events.map(({ offset }) => offset), ...delivered.filter((offset) => offset > head)];
        expect(offsets).toEqual(expected);
      }
    },
    "history",
  );

  fixture.testRule(
    "L18",
    "begins another numbering after flush",
    async () => {
      const layer = await createLayer();
      const group = fixture.uniqueName("group");
      const [before] = await sendNumbered(layer, group, 1);
      await layer.flush();
      const history = await layer.groupHistory(group, { since: before ?? { epoch: "none", offset: 0 } });
      expect(history).toMatchObject({ recovered: false, reason: "epoch", position: { offset: 0 } });
      expect(history.position?.epoch).not.toBe(before?.epoch);
      expect(await layer.groupSend(group, { type: "after" })).toEqual({ epoch: history.position?.epoch, offset: 1 });
      expect((await layer.groupHistory(group)).events).toEqual([{ message: { type: "after" }, offset: 1 }]);
    },
    "history",
  );

  fixture.testTimedRule(
    "L18",
    "ends a numbering groupExpiryMs after its last use, which can be a call of groupHistory",
    async () => {
      const groupExpiryMs = Math.ceil(fixture.expiryMs * 0.6);
      const layer = await createLayer({ groupExpiryMs });
      const group = fixture.uniqueName("group");
      const first = await layer.groupSend(group, { type: "first" });
      if (first === undefined) throw new Error("Expected a position.");
      await fixture.advance(groupExpiryMs * 0.6);
      expect(await layer.groupHistory(group, { since: first })).toMatchObject({ recovered: true });
      await fixture.advance(groupExpiryMs * 0.6);
      expect(await layer.groupHistory(group, { since: first })).toMatchObject({ recovered: true });
      await fixture.advance(groupExpiryMs * 1.2);
      expect(await layer.groupHistory(group, { since: first })).toMatchObject({ recovered: false, reason: "epoch" });
      const later = await layer.groupSend(group, { type: "later" });
      expect(later?.offset).toBe(1);
      expect(later?.epoch).not.toBe(first.epoch);
    },
    "history",
  );

  fixture.testRule(
    "L18",
    "begins another numbering when the server was lost",
    async () => {
      const { server } = fixture.options;
      if (server === undefined) throw new Error("layerContract requires a server or a reason.");
      const layer = await createLayer();
      // A layer on several servers loses one of them: some of the groups are on it.
      const members = await Promise.all(
        Array.from({ length: 24 }, async () => {
          const group = fixture.uniqueName("group");
          const { inbox } = await fixture.createMember(layer, group);
          const [before] = await sendNumbered(layer, group, 1);
          return { group, inbox, before };
        }),
      );
      await server.disconnect();
      const reads = await Promise.allSettled(members.map(({ group }) => layer.groupHistory(group)));
      const lost = reads.findIndex(({ status }) => status === "rejected");
      expect(reads[lost]).toMatchObject({ reason: { code: "LayerDisconnected" } });
      const { group, inbox, before } = members[lost] ?? {};
      if (group === undefined || inbox === undefined || before === undefined) throw new Error("Expected a position.");
      await server.reconnect();
      await inbox.waitForGaps(1, 60_000);
      // The nodes of a cluster may have to find one another first.
      const history = await eventually(() => layer.groupHistory(group, { since: before }));
      expect(history).toMatchObject({ recovered: false, reason: "epoch", position: { offset: 0 } });
      const after = await layer.groupSend(group, { type: "after" });
      expect(after).toEqual({ epoch: history.position?.epoch, offset: 1 });
      expect(after?.epoch).not.toBe(before.epoch);
      await inbox.waitForType("after");
      expect(inbox.deliveries.at(-1)?.position).toEqual({ group, ...after });
    },
    "server",
    "history",
  );

  fixture.testRule(
    "L10",
    "isolates the histories of groups and of layers with different prefixes",
    async () => {
      const [one, other] = [await createLayer(), await createLayer()];
      const group = fixture.uniqueName("group");
      const [sent] = await sendNumbered(one, group, 1);
      expect((await other.groupHistory(group)).events).toEqual([]);
      expect(await other.groupHistory(group, { since: sent ?? { epoch: "none", offset: 0 } })).toMatchObject({
        recovered: false,
        reason: "epoch",
      });
      expect((await one.groupHistory(group.toUpperCase())).events).toEqual([]);
      await other.flush();
      expect((await one.groupHistory(group)).events).toHaveLength(1);
    },
    "history",
  );
}

/** Sends events that are numbered from 1, without waiting for each. */
async function sendNumbered(layer: ChannelLayer, group: string, count: number): Promise<readonly GroupPosition[]> {
  const sending = Array.from({ length: count }, (_, index) =>
    layer.groupSend(group, { type: "numbered", n: index + 1 }),
  );
  return (await Promise.all(sending)).map((position) => {
    if (position === undefined) throw new Error("Expected each event to get a position.");
    return position;
  });
}

function offsetsOf(positions: readonly GroupPosition[]): readonly number[] {
  return positions.map(({ offset }) => offset);
}
