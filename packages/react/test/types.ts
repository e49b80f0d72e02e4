// Checked by the compiler alone: what a protocol says is what compiles.
import type { Client } from "@multichat/channels-client";
import { useCall, useConnection, useEvent, useReady, useSubscription } from "@multichat/react";
import type { chat } from "./readme/chat-protocol.ts";

export function useWhatCompiles(client: Client<typeof chat>): unknown {
  const { phase } = useConnection(client);
  useEvent(client, "message.posted", ({ room, seq }) => [room.length, seq + 1]);
  const joined = useSubscription(
    client,
    "room.join",
    { room: "lobby", since: 0 },
    { on: { "message.posted": () => {} } },
  );
  const { topic }: { topic: string } = useReady(joined);
  if (joined.phase === "active") joined.reply.missed.length;
  useReady(client.subscribe("room.join", { room: "lobby", since: 0 })).topic.trim();
  const { call, data, isPending, error } = useCall(client, "message.send");
  void call({ room: "lobby", text: topic }, { timeoutMs: 1_000 }).then(({ seq }) => seq + 1);
  return [phase, data?.seq, isPending, error];
}

export function useWhatDoesNotCompile(client: Client<typeof chat>): void {
  // @ts-expect-error no such event
  useEvent(client, "message.deleted", () => {});
  // @ts-expect-error no such member
  useEvent(client, "message.posted", ({ body }) => body);
  // @ts-expect-error no such member
  useSubscription(client, "room.join", { room: "lobby", from: 0 });
  // @ts-expect-error the key is needed
  useSubscription(client, "room.join", () => ({ room: "lobby", since: 0 }));
  // @ts-expect-error no such command
  useCall(client, "message.delete");
  // @ts-expect-error an input is needed
  void useCall(client, "message.send").call();
}
