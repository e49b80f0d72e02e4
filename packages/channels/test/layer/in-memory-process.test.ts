import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { InMemoryLayer } from "@multichat/channels/layer";
import { Inbox } from "@multichat/channels/testing";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);
const door = new URL("../../src/layer/index.ts", import.meta.url);
const flags = ["--conditions=@multichat/source", "--input-type=module", "-e"];

describe("the in-memory layer in a process", () => {
  it("L12 does not keep the process alive, even when nobody closed it", async () => {
    const program = `
      const { InMemoryLayer } = await import(${JSON.stringify(door.href)});
      const layer = new InMemoryLayer();
      await layer.groupAdd("group", "channel");
      await layer.groupSend("group", { type: "waits" });
      console.log(layer.stats().memberships);`;
    const { stdout } = await run(process.execPath, [...flags, program], {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      timeout: 15_000,
    });
    expect(stdout.trim()).toBe("1");
  });

  it("L8 warns once of a receiver that throws, when nobody asked to be told", async () => {
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.message);
    process.on("warning", listen);
    const layer = new InMemoryLayer();
    const broken = new Inbox();
    broken.before = () => {
      throw new Error("broken receiver");
    };
    await layer.subscribe("broken", broken);
    await layer.send("broken", { type: "first" });
    await layer.send("broken", { type: "second" });
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", listen);
    expect(layer.stats().failed).toBe(2);
    expect(warnings.filter((warning) => warning.includes("broken receiver"))).toHaveLength(1);
    await layer.close();
  });

  it("L4 hands a message to every receiver before the sender goes on", async () => {
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
});
