import {
  GroupControl,
  InMemoryLayer,
  LayerRegistry,
  route,
  typedGroup,
  urlRouter,
  WebSocketConsumer,
} from "@multichat/channels";
import { WebsocketCommunicator } from "@multichat/channels/testing";
import { afterEach, beforeEach, expect, test } from "vitest";

class Room extends WebSocketConsumer<{ "room.said": { text: string } }> {
  static override groups = ["room.1"];

  override memberUser(): string | undefined {
    const user = this.scope.query.get("user");
    if (user === "broken") throw new Error("The user is unknown.");
    if (user === "long") return "x".repeat(201);
    return user ?? undefined;
  }

  roomSaid({ text }: { readonly text: string }): void {
    this.send(text);
  }

  override receive(): void {
    this.send([...this.groups].join(" "));
  }
}

let layer: InMemoryLayer;
let control: GroupControl;
const clients: WebsocketCommunicator[] = [];
beforeEach(async () => {
  layer = new InMemoryLayer();
  control = await GroupControl.start(layer, { processName: "server" });
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.disconnect();
  await control.close();
  await layer.close();
});

async function connect(user: string): Promise<WebsocketCommunicator> {
  const layers = new LayerRegistry();
  layers.register("default", layer);
  const client = new WebsocketCommunicator(urlRouter([route("/", Room)]), `/?user=${user}`, { layers });
  clients.push(client);
  await client.connect();
  return client;
}

test("closes all connections of a user with the code and the reason, and no others", async () => {
  const [first, second, other] = [await connect("ann"), await connect("ann"), await connect("bob")];
  const outcome = await control.disconnect({ user: "ann" }, { code: 4001, reason: "signed out" });
  expect(outcome).toEqual({ count: 2, processes: 1, unanswered: [], silentProcesses: 0 });
  for (const client of [first, second]) expect(await client.closed).toEqual({ code: 4001, reason: "signed out" });
  await layer.groupSend("room.1", { type: "room.said", text: "still here" });
  expect(await other.receiveText()).toBe("still here");
  expect(await control.count("room.1")).toMatchObject({ count: 1 });
});

test.each(["broken", "long", ""])("lists the users, also where a consumer says no user: %j", async (user) => {
  await connect("ann");
  const broken = await connect(user);
  const { members } = await control.members("room.1");
  expect(members.map(({ process }) => process)).toEqual(["server", "server"]);
  expect(members.flatMap(({ user }) => user ?? [])).toEqual(["ann"]);
  expect(broken.errors).toHaveLength(1);
});

test("a consumer that is moved knows its groups, and gets what is sent to the new one", async () => {
  const client = await connect("ann");
  expect(await control.move({ from: "room.1", to: "room.2" })).toMatchObject({ count: 1 });
  await expect.poll(async () => (await control.count("room.1")).count).toBe(0);
  await layer.groupSend("room.1", { type: "room.said", text: "old" });
  await layer.groupSend("room.2", { type: "room.said", text: "new" });
  expect(await client.receiveText()).toBe("new");
  client.send("groups");
  expect(await client.receiveText()).toBe("room.2");
});

test("does not move a member that left the group before its batch", async () => {
  await control.close();
  control = await GroupControl.start(layer, { batchSize: 1, batchIntervalMs: 50 });
  for (const user of ["ann", "bob", "cleo"]) await connect(user);
  const { members } = await control.members("room.1");
  const bob = members.find(({ user }) => user === "bob")?.channel ?? "";
  expect(await control.move({ from: "room.1", to: "room.2" })).toMatchObject({ count: 3 });
  await layer.groupDiscard("room.1", bob);
  // Cleo's batch comes after bob's.
  await expect
    .poll(async () => (await control.members("room.2")).members.map(({ user }) => user).sort())
    .toEqual(["ann", "cleo"]);
});

test("a group counts, lists, moves and disconnects its members", async () => {
  const [ann] = [await connect("ann"), await connect("bob")];
  const group = typedGroup<{ "room.said": { text: string } }>(layer, "room.1");
  expect(await group.count()).toMatchObject({ count: 2, unanswered: [], silentProcesses: 0 });
  const { members } = await group.members({ limit: 1 });
  expect(await group.count({ except: members[0]?.channel ?? "" })).toMatchObject({ count: 1 });
  expect(await group.move("room.2", { user: "bob" })).toMatchObject({ count: 1 });
  await expect.poll(async () => (await group.count()).count).toBe(1);
  expect(await group.disconnect({ code: 4001, reason: "closed" })).toMatchObject({ count: 1 });
  expect(await ann.closed).toEqual({ code: 4001, reason: "closed" });
});

test("starts once for a layer, and needs one that knows its members", async () => {
  expect(await GroupControl.start(layer)).toBe(control);
  const other = { ...layer, localMembers: undefined } as unknown as InMemoryLayer;
  await expect(GroupControl.start(other)).rejects.toMatchObject({ code: "InvalidOption" });
});
