import { expect } from "vitest";
import type { ChannelLayer } from "../../../layer/channel-layer.ts";
import { GroupControl, type GroupControlOptions } from "../../../layer/control/group-control.ts";
import { eventually } from "../../eventually.ts";
import { Inbox } from "../../inbox.ts";
import type { LayerContractFixture, Listener } from "./fixture.ts";

/** Tests L19 (counting), L20 (listing), L21 (disconnecting) and L22 (moving). */
export function testControlRules(fixture: LayerContractFixture): void {
  const testRule: typeof fixture.testRule = (rule, behavior, test, ...required) =>
    fixture.testRule(rule, behavior, test, "groupControl", ...required);

  /** A member that is a connection, as far as a layer knows. */
  async function connect(layer: ChannelLayer, group: string, user?: string): Promise<Listener> {
    const inbox = new Inbox();
    inbox.user = user;
    const member = await fixture.createMember(layer, group, inbox);
    inbox.onMove = async (from, to) => {
      await layer.groupAdd(to, member.channel);
      await layer.groupDiscard(from, member.channel);
    };
    return member;
  }

  async function start(layer: ChannelLayer, options: GroupControlOptions = {}): Promise<GroupControl> {
    return await GroupControl.start(layer, { timeoutMs: 60_000, ...options });
  }

  /** Two processes, where the layer has more than one. */
  async function startPeers(): Promise<readonly { readonly layer: ChannelLayer; readonly control: GroupControl }[]> {
    const prefix = fixture.uniqueName("prefix");
    // One of the tests makes a process fail, whose layer reports it.
    const options = { prefix, onError: () => {} };
    const layers = [await fixture.createLayer(options), await fixture.createLayer(options)];
    const controls = await Promise.all(layers.map((layer, index) => start(layer, { processName: `process ${index}` })));
    return layers.flatMap((layer, index) => {
      const control = controls[index];
      return control === undefined ? [] : [{ layer, control }];
    });
  }

  async function startAlone() {
    const layer = await fixture.createLayer();
    return { layer, control: await start(layer, { timeoutMs: 50 }) };
  }

  testRule("L19", "counts the members of a group, and no others", async () => {
    const layer = await fixture.createLayer();
    const control = await start(layer, { timeoutMs: 50 });
    const [group, other] = [fixture.uniqueName("group"), fixture.uniqueName("group")];
    const member = await connect(layer, group);
    const leaving = await connect(layer, group);
    await connect(layer, other);
    expect(await control.count(group)).toMatchObject({ count: 2, processes: 1, unanswered: [] });
    expect(await control.count(group, { except: member.channel })).toMatchObject({ count: 1 });
    await layer.groupDiscard(group, member.channel);
    await leaving.unsubscribe();
    expect(await control.count(group)).toMatchObject({ count: 0 });
    await expect(control.count("not a name")).rejects.toMatchObject({ code: "InvalidName" });
    await control.close();
    await expect(control.count(group)).rejects.toMatchObject({ code: "LayerClosed" });
  });

  testRule(
    "L19",
    "counts over all processes, from each of them and from one without members",
    async () => {
      const peers = await startPeers();
      const group = fixture.uniqueName("group");
      for (const { layer } of peers) await connect(layer, group);
      for (const { control } of peers) {
        expect(await control.count(group)).toMatchObject({ count: 2, processes: 2, unanswered: [] });
      }
    },
    "peers",
  );

  testRule(
    "L19",
    "names the process that does not answer, and forgets one that was closed",
    async () => {
      const [asking, silent] = await startPeers();
      if (asking === undefined || silent === undefined) throw new Error("Expected two processes.");
      const group = fixture.uniqueName("group");
      await connect(asking.layer, group);
      // It reads what it is asked, and does not answer.
      const localMembers = silent.layer.localMembers;
      let asked = 0;
      silent.layer.localMembers = () => {
        asked += 1;
        throw new Error("no answer");
      };
      const counting = asking.control.count(group, { timeoutMs: 200 });
      expect(await counting).toMatchObject({ count: 1, processes: 1, unanswered: ["process 1"] });
      // What waits for it ends when it is closed, long before the timeout.
      const waiting = asking.control.count(group, { timeoutMs: 60_000 });
      await eventually(() => expect(asked).toBe(2));
      await silent.control.close();
      expect(await waiting).toMatchObject({ count: 1, processes: 1, unanswered: [] });
      if (localMembers !== undefined) silent.layer.localMembers = localMembers;
      expect(await asking.control.count(group)).toMatchObject({ count: 1, processes: 1, unanswered: [] });
    },
    "peers",
  );

  testRule(
    "L19",
    "counts a process once, also after a start that failed",
    async () => {
      const [asking, failing] = await startPeers();
      if (asking === undefined || failing === undefined) throw new Error("Expected two processes.");
      await failing.control.close();
      const { layer } = failing;
      const groupSend = layer.groupSend;
      layer.groupSend = async () => {
        layer.groupSend = groupSend;
        throw new Error("no connection");
      };
      await expect(GroupControl.start(layer, { timeoutMs: 200 })).rejects.toThrow("no connection");
      await start(layer, { timeoutMs: 200 });
      const group = fixture.uniqueName("group");
      await connect(layer, group);
      expect(await asking.control.count(group)).toMatchObject({ count: 1, processes: 2, unanswered: [] });
    },
    "peers",
  );

  testRule(
    "L19",
    "says how many processes with members have not answered, because they have not started it",
    async () => {
      const prefix = fixture.uniqueName("prefix");
      const [layer, other] = [await fixture.createLayer({ prefix }), await fixture.createLayer({ prefix })];
      const control = await start(layer, { timeoutMs: 200 });
      const group = fixture.uniqueName("group");
      await connect(layer, group);
      expect(await control.count(group)).toMatchObject({ count: 1, silentProcesses: 0 });
      const silent = await connect(other, group);
      await connect(other, group);
      expect(await control.count(group)).toMatchObject({ count: 1, processes: 1, unanswered: [], silentProcesses: 1 });
      expect(await control.disconnect({ group })).toMatchObject({ count: 1, silentProcesses: 1 });
      expect((await control.disconnect({ user: "ann" })).silentProcesses).toBeUndefined();
      await start(other);
      await eventually(async () =>
        expect(await control.count(group)).toMatchObject({ count: 3, processes: 2, silentProcesses: 0 }),
      );
      await silent.unsubscribe();
      await eventually(async () => expect(await control.count(group)).toMatchObject({ count: 2, silentProcesses: 0 }));
    },
    "peers",
    "groupProcesses",
  );

  testRule("L20", "lists the members with their users, page by page", async () => {
    const layer = await fixture.createLayer();
    const control = await start(layer, { timeoutMs: 50, processName: "here" });
    const group = fixture.uniqueName("group");
    const members = [
      await connect(layer, group, "ann"),
      await connect(layer, group),
      await connect(layer, group, "bob"),
    ];
    const expected = members
      .map(({ channel, inbox }) => ({
        channel,
        process: "here",
        ...(inbox.user === undefined ? {} : { user: inbox.user }),
      }))
      .toSorted((a, b) => (a.channel < b.channel ? -1 : 1));
    const first = await control.members(group, { limit: 2 });
    expect(first).toMatchObject({ next: expected[1]?.channel, processes: 1, unanswered: [] });
    expect(first.members).toEqual(expected.slice(0, 2));
    const second = await control.members(group, { limit: 2, after: first.next ?? "" });
    expect(second).toMatchObject({ members: expected.slice(2), next: undefined });
    expect(await control.members(group, { limit: 3 })).toMatchObject({ members: expected, next: undefined });
    for (const limit of [0, 1.5, 1_001]) {
      await expect(control.members(group, { limit })).rejects.toMatchObject({ code: "InvalidOption" });
    }
  });

  testRule(
    "L20",
    "lists over all processes",
    async () => {
      const peers = await startPeers();
      const group = fixture.uniqueName("group");
      const channels: string[] = [];
      for (const { layer } of [...peers, ...peers]) channels.push((await connect(layer, group)).channel);
      const listed: string[] = [];
      for (let after = "", pages = 0; pages < 4; pages += 1) {
        const { members, next } = (await peers[0]?.control.members(group, { limit: 1, after })) ?? { members: [] };
        listed.push(...members.map(({ channel }) => channel));
        after = next ?? "";
      }
      expect(listed).toEqual(channels.toSorted());
    },
    "peers",
  );

  testRule(
    "L21",
    "disconnects a group's members or a user's connections, in batches, without the excepted one",
    async () => {
      const layer = await fixture.createLayer();
      const control = await start(layer, { timeoutMs: 50, batchSize: 2, batchIntervalMs: 1 });
      const group = fixture.uniqueName("group");
      const elsewhere = fixture.uniqueName("group");
      const members = await Promise.all(["ann", "ann", "bob", "bob", "eve"].map((user) => connect(layer, group, user)));
      const other = await connect(layer, elsewhere, "ann");
      expect(await control.disconnect({ user: "ann" }, { code: 4001, reason: "signed out" })).toMatchObject({
        count: 3,
      });
      const order = { kind: "disconnect", code: 4001, reason: "signed out" };
      for (const member of [members[0], members[1], other])
        expect(await member?.inbox.waitForOrders(1)).toEqual([order]);
      expect(await control.disconnect({ user: "bob", group: elsewhere })).toMatchObject({ count: 0 });
      expect(await control.disconnect({ group }, { except: members[4]?.channel ?? "" })).toMatchObject({ count: 4 });
      for (const { inbox } of members.slice(2, 4)) {
        expect(await inbox.waitForOrders(1)).toEqual([{ kind: "disconnect", code: 1000, reason: "" }]);
      }
      expect(members[4]?.inbox.orders).toEqual([]);
      for (const options of [{ code: 1005 }, { code: 5000 }, { reason: "x".repeat(124) }]) {
        await expect(control.disconnect({ group }, options)).rejects.toMatchObject({ code: "InvalidOption" });
      }
      await expect(control.disconnect({ user: "" })).rejects.toMatchObject({ code: "InvalidOption" });
    },
  );

  testRule(
    "L21",
    "disconnects over all processes",
    async () => {
      const peers = await startPeers();
      const group = fixture.uniqueName("group");
      const members = await Promise.all(peers.map(({ layer }) => connect(layer, group, "ann")));
      expect(await peers[0]?.control.disconnect({ user: "ann" }, { code: 4001 })).toMatchObject({
        count: 2,
        processes: 2,
      });
      for (const { inbox } of members) expect(await inbox.waitForOrders(1)).toMatchObject([{ code: 4001 }]);
    },
    "peers",
  );

  testRule("L22", "moves the members of a group to another one, in all processes", async () => {
    const peers = fixture.options.unsupported?.peers === undefined ? await startPeers() : [await startAlone()];
    const [from, to] = [fixture.uniqueName("group"), fixture.uniqueName("group")];
    const members = await Promise.all(peers.map(({ layer }) => connect(layer, from, "ann")));
    const [first] = peers;
    if (first === undefined) return;
    const staying = await connect(first.layer, from, "bob");
    // No connection, such as a worker's channel.
    const plain = await first.layer.subscribe(first.layer.newChannel(), { deliver: () => true, layerGap: () => {} });
    await first.layer.groupAdd(from, plain.channel);
    expect(await first.control.move({ from, to, user: "ann" })).toMatchObject({ count: peers.length });
    for (const { inbox } of members) await inbox.waitForOrders(1);
    await eventually(async () => expect(await first.control.count(to)).toMatchObject({ count: peers.length }));
    expect(await first.control.move({ from, to }, { except: staying.channel })).toMatchObject({ count: 1 });
    await eventually(async () => expect(await first.control.count(from)).toMatchObject({ count: 1 }));
    expect(await first.control.count(to)).toMatchObject({ count: peers.length + 1 });
    await first.layer.groupSend(to, { type: "moved" });
    for (const { inbox } of members) await inbox.waitForType("moved");
    expect(await fixture.receivedTypes(first.layer, staying)).toEqual([]);
    await expect(first.control.move({ from, to: "not a name" })).rejects.toMatchObject({ code: "InvalidOption" });
  });

  testRule(
    "L19",
    "ignores what is not of the form of its messages, and answers only to its own channels",
    async () => {
      const [one] = await startPeers();
      if (one === undefined) throw new Error("Expected two processes.");
      const group = fixture.uniqueName("group");
      const victim = await connect(one.layer, group, "ann");
      const forge = (message: object) => one.layer.groupSend("__control__", { type: "control.request", ...message });
      const order = { kind: "disconnect", group, code: 4000, reason: "" };
      const replyTo = `control.${"0".repeat(32)}!1`;
      await forge({ id: "1", replyTo: victim.channel, order });
      await forge({ id: "NOT AN ID", replyTo, order });
      for (const changed of [
        { kind: "shutdown" },
        { group: undefined },
        { group: 1 },
        { code: 1006 },
        { reason: "x".repeat(124) },
        { except: "not a name" },
      ]) {
        await forge({ id: "1", replyTo, order: { ...order, ...changed } });
      }
      await one.layer.groupSend("__control__", {
        type: "control.hello",
        channel: victim.channel,
        name: "forged",
        phase: "staying",
        known: [],
      });
      expect(await one.control.count(group)).toMatchObject({ count: 1, processes: 2, unanswered: [] });
      expect(await fixture.receivedTypes(one.layer, victim)).toEqual([]);
      expect(victim.inbox.orders).toEqual([]);
    },
    "peers",
  );
}
