import type { Delivery, LayerMessage } from "@multichat/channels";
import { expect, onTestFinished, test } from "vitest";
import { BusLayer } from "../../src/fan-out/bus-layer.ts";

interface Options {
  readonly accept?: () => boolean;
}

/** Opens a layer with one member of the group `room`. */
async function openLayer({ accept = () => true }: Options = {}) {
  const delivered: LayerMessage[] = [];
  const errors: unknown[] = [];
  const layer = new BusLayer({ publish: () => {}, accept, onError: (error, group) => errors.push({ error, group }) });
  onTestFinished(() => layer.close());
  await layer.subscribe("member", {
    deliver: ({ message }: Delivery) => delivered.push(message) > 0,
    layerGap: () => {},
  });
  await layer.groupAdd("room", "member");
  return { layer, delivered, errors };
}

test("delivers what arrives and is accepted", async () => {
  const { layer, delivered, errors } = await openLayer();
  await layer.receiveFromBus("room", { type: "hello" });
  expect(delivered).toEqual([{ type: "hello" }]);
  expect(errors).toEqual([]);
});

test.each([
  ["a name that no group has", "no group!", { type: "hello" }],
  ["a group's name that is too long", "x".repeat(200), { type: "hello" }],
  ["a value that a layer does not carry", "room", { type: "hello", value: Symbol("none") }],
] as const)("reports %s, and delivers what follows", async (_, group, message) => {
  const { layer, delivered, errors } = await openLayer();
  // A message of another server, whose values are unknown.
  await layer.receiveFromBus(group, message as unknown as LayerMessage);
  expect(errors).toEqual([{ error: expect.any(Error), group }]);
  await layer.receiveFromBus("room", { type: "next" });
  expect(delivered).toEqual([{ type: "next" }]);
});

test("reports why a message could not be looked at", async () => {
  const failure = new Error("expected");
  const { layer, delivered, errors } = await openLayer({
    accept: () => {
      throw failure;
    },
  });
  await layer.receiveFromBus("room", { type: "hello" });
  expect(errors).toEqual([{ error: failure, group: "room" }]);
  expect(delivered).toEqual([]);
});

test("leaves out what arrives after its end without a report", async () => {
  const { layer, delivered, errors } = await openLayer();
  await layer.close();
  await layer.receiveFromBus("room", { type: "hello" });
  expect(errors).toEqual([]);
  expect(delivered).toEqual([]);
});

test("L14 leaves out a member of its own process or of another one", async () => {
  const layers: BusLayer[] = [];
  // As a bus does: JSON that reaches every process.
  const publish = (sent: object): void => {
    const { group, message, except } = JSON.parse(JSON.stringify(sent)) as {
      group: string;
      message: LayerMessage;
      except?: string;
    };
    for (const layer of layers) void layer.receiveFromBus(group, message, except === undefined ? {} : { except });
  };
  const open = async (channel: string) => {
    const layer = new BusLayer({ publish, accept: () => true, onError: (error) => expect.unreachable(String(error)) });
    onTestFinished(() => layer.close());
    layers.push(layer);
    const types: string[] = [];
    await layer.subscribe(channel, {
      deliver: ({ message }: Delivery) => types.push(message.type) > 0,
      layerGap: () => {},
    });
    await layer.groupAdd("room", channel);
    return { layer, types };
  };
  const near = await open("near");
  const far = await open("far");
  await near.layer.groupSend("room", { type: "without.far" }, { except: "far" });
  await near.layer.groupSend("room", { type: "without.near" }, { except: "near" });
  await near.layer.groupSend("room", { type: "for.all" }, { except: "nobody" });
  await near.layer.groupSendLocal("room", { type: "local" }, { except: "near" });
  await far.layer.groupSendLocal("room", { type: "local" });
  await expect
    .poll(() => [near.types, far.types])
    .toEqual([
      ["without.far", "for.all"],
      ["without.near", "for.all", "local"],
    ]);
  await expect(near.layer.groupSend("room", { type: "bad" }, { except: "not a name" })).rejects.toMatchObject({
    code: "InvalidName",
  });
});
