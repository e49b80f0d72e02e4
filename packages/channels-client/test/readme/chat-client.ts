import { createClient } from "@multichat/channels-client";
import type { chat } from "./chat-protocol.ts"; // type-only import: no schema code ends up in your bundle

export function openChat(url: string, token: () => Promise<string | null>) {
  const client = createClient<typeof chat>({
    url,
    token, // called before each connection
    repeatable: { "message.send": "key" }, // sent again after a lost connection, with a key that the server remembers
  });

  client.connection.subscribe(() => {
    const state = client.connection.get();
    if (state.phase === "waiting") console.log(`connecting again in ${state.until - Date.now()} ms: ${state.reason}`);
  });
  client.on("message.posted", ({ from, text }) => console.log(`${from}: ${text}`));
  return client;
}

export async function sendHello(client: ReturnType<typeof openChat>, room: string): Promise<number | string> {
  try {
    const { seq } = await client.call("message.send", { room, text: "hello" }, { timeoutMs: 5_000 });
    return seq;
  } catch (error) {
    if (client.isCommandError(error, "ROOM_ACCESS_DENIED")) return error.message;
    throw error;
  }
}
