import type { Subscription } from "@multichat/channels-client";
import type { openChat } from "./chat-client.ts";

export function openRoom(
  client: ReturnType<typeof openChat>,
  room: string,
  show: (text: string) => void,
): Subscription<{ head: number }> {
  let position = 0;
  const apply = ({ seq, text }: { seq: number; text: string }): void => {
    if (seq <= position) return;
    position = seq;
    show(text);
  };
  return client.subscribe("room.join", () => ({ room, since: position }), {
    onReply: ({ missed }) => missed.forEach(apply),
    on: {
      "message.posted": (message) => {
        if (message.room === room) apply(message);
      },
    },
    onError: (error) => show(String(error)),
    leave: () => client.call("room.leave", { room }),
    key: room, // of several subscriptions to the room, the last one leaves
  });
}
