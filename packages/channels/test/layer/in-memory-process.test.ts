import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { InMemoryLayer } from "@multichat/channels/layer";
import { Inbox } from "@multichat/channels/testing";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);
const entryPoint = new URL("../../src/layer/index.ts", import.meta.url);
const flags = ["--conditions=@multichat/source", "--input-type=module", "-e"];

describe("the in-memory layer in a process", () => {
  it("L12 does not keep the process alive, even if it is not closed", async () => {
    const program = `
      const { InMemoryLayer } = await import(${JSON.stringify(entryPoint.href)});
      const layer = new InMemoryLayer();
      await layer.groupAdd("group", "channel");
      await layer.groupSend("group", { type: "waits" });
      console.log(layer.stats().memberships);`;
    const { stdout } = await run(process.execPath, [...flags, program], {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
    });
    expect(stdout.trim()).toBe("1");
  });

  it("L8 warns once about a receiver that throws, without an error listener", async () => {
    const warnings: string[] = [];
    const onWarning = (warning: Error) => warnings.push(warning.message);
    process.on("warning", onWarning);
    const layer = new InMemoryLayer();
    const broken = new Inbox();
    broken.beforeDeliver = () => {
      throw new Error("broken receiver");
    };
    await layer.subscribe("broken", broken);
    await layer.send("broken", { type: "first" });
    await layer.send("broken", { type: "second" });
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", onWarning);
    expect(layer.stats().failed).toBe(2);
    expect(warnings.filter((warning) => warning.includes("broken receiver"))).toHaveLength(1);
    await layer.close();
  });

  it("L4 delivers a message to every receiver before the call returns", async () => {
    const layer = new InMemoryLayer();
    const inboxes = Array.from({ length: 5 }, () => new Inbox());
    for (const inbox of inboxes) {
      const channel = layer.newChannel();
      await layer.subscribe(channel, inbox);
      await layer.groupAdd("group", channel);
    }
    const sending = layer.groupSend("group", { type: "now" });
    expect(inboxes.map((inbox) => inbox.messages.length)).toEqual([1, 1, 1, 1, 1]);
    await sending;
    await layer.close();
  });

  it("L4 delivers waiting messages first to a listener that subscribes during a pass", async () => {
    const layer = new InMemoryLayer();
    const [early, late] = [new Inbox(), new Inbox()];
    await layer.send("late", { type: "waiting" });
    const subscribing: Promise<unknown>[] = [];
    early.beforeDeliver = () => subscribing.push(layer.subscribe("late", late));
    await layer.subscribe("early", early);
    await layer.groupAdd("group", "early");
    await layer.groupAdd("group", "late");
    await layer.groupSend("group", { type: "passing" });
    await Promise.all(subscribing);
    expect(late.messages).toEqual([{ type: "waiting" }, { type: "passing" }]);
    await layer.close();
  });

  it("L9 skips a channel that was removed or ended earlier in the same pass, and L13 keeps nothing of it", async () => {
    const layer = new InMemoryLayer();
    const [first, removed, ended] = [new Inbox(), new Inbox(), new Inbox()];
    const subscriptions = {
      first: await layer.subscribe("first", first),
      removed: await layer.subscribe("removed", removed),
      ended: await layer.subscribe("ended", ended),
    };
    for (const channel of Object.keys(subscriptions)) await layer.groupAdd("group", channel);
    const changes: Promise<void>[] = [];
    first.beforeDeliver = () => {
      changes.push(layer.groupDiscard("group", "removed"), subscriptions.ended.unsubscribe());
    };
    await layer.groupSend("group", { type: "passing" });
    await Promise.all(changes);
    expect([first, removed, ended].map((inbox) => inbox.messages.length)).toEqual([1, 0, 0]);
    for (const subscription of Object.values(subscriptions)) await subscription.unsubscribe();
    expect(layer.stats()).toMatchObject({ channels: 0, groups: 0, memberships: 0 });
    await layer.close();
  });
});
