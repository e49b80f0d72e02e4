import { randomUUID } from "node:crypto";
import { commands, groupName, protocolConsumer, route, urlRouter } from "@multichat/channels";
import { toAsyncApi } from "@multichat/channels/protocol";
import { chat } from "./chat-protocol.ts";

export class ChatConsumer extends protocolConsumer(chat)<{ user: { name: string } }> {
  static override commands = commands<ChatConsumer>({
    "room.join": (consumer, { room }) => consumer.groupAdd(groupName("room", room)),
    "message.send": {
      concurrent: true, // the next command does not wait for this one
      timeoutMs: 5_000,
      async run(consumer, { room, text }, call) {
        const group = groupName("room", room); // any text gives a valid name
        if (!consumer.groups.has(group)) throw call.error("ROOM_ACCESS_DENIED");
        const id = randomUUID();
        const from = consumer.scope.user.name;
        await consumer.group(group).send("message.posted", { id, room, from, text });
        return { id };
      },
    },
  });
}

export const chatRoutes = urlRouter([route("/ws/chat", ChatConsumer)]);

/** Everything that travels, for other programmers and their tools. */
export const document = toAsyncApi(chat, { title: "Chat", version: "1.0.0", address: "/ws/chat" });
