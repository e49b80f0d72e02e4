// Checked by the compiler alone: what a protocol says is what compiles.
import { type Client, type CommandError, createClient } from "@multichat/channels-client";
import type { chat } from "./support/chat.ts";

export async function compiles(client: Client<typeof chat>, error: unknown): Promise<void> {
  const { n }: { n: number } = await client.call("message.send", { text: "hi" });
  const { name }: { name: string } = await client.call("user.get");
  const nothing: Record<never, never> = await client.call("disconnect", { code: 1000 }, { timeoutMs: n });
  client.on("message.posted", (event) => [event.n + 1, event.text.length, name, nothing]);
  for await (const { text } of client.events("greeting")) text.trim();
  if (client.isCommandError(error, "ROOM_FULL")) {
    const refused: CommandError<"ROOM_FULL"> = error;
    refused.details;
  }
  if (client.isCommandError(error)) error.code === "UNAVAILABLE";
  const lobby = client.subscribe("room.join", () => ({ room: "lobby", since: n }), {
    onReply: ({ head, missed }) => [head + 1, missed.join()],
    on: { "room.posted": ({ seq, text }) => [seq + 1, text.length] },
    leave: () => client.call("room.leave", { room: "lobby" }),
  });
  const { head }: { head: number } = await lobby.ready;
  client.subscribe("room.join", { room: "lobby", since: head }).end();
  createClient<typeof chat>({ url: "/ws", repeatable: { "message.send": "key", "user.get": true } });
}

export function doesNotCompile(client: Client<typeof chat>, error: unknown): void {
  // @ts-expect-error no such command
  void client.call("message.delete", {});
  // @ts-expect-error no such member
  void client.call("message.send", { body: "hi" });
  // @ts-expect-error an input is needed
  void client.call("message.send");
  // @ts-expect-error of another type
  void client.call("message.send", { text: 7 });
  // @ts-expect-error no such event
  client.on("message.deleted", () => {});
  // @ts-expect-error no such member
  client.on("message.posted", ({ room }) => room);
  // @ts-expect-error no such member
  client.subscribe("room.join", () => ({ name: "lobby" }));
  // @ts-expect-error no such event
  client.subscribe("room.join", { room: "lobby" }, { on: { "room.deleted": () => {} } });
  // @ts-expect-error no such member
  client.subscribe("room.join", { room: "lobby" }, { on: { "room.posted": ({ from }) => from } });
  // @ts-expect-error no such code
  client.isCommandError(error, "ROOM_EMPTY");
  // @ts-expect-error no member of the input
  createClient<typeof chat>({ url: "/ws", repeatable: { "message.send": "id" } });
  // @ts-expect-error no such command
  createClient<typeof chat>({ url: "/ws", repeatable: { "message.delete": true } });
}
