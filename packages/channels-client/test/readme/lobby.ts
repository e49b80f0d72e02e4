import type { Subscription } from "@multichat/channels-client";
import type { openChat } from "./chat-client.ts";

export function openRoom(
  client: ReturnType<typeof openChat>,
  room: string,
  show: (text: string) => void,
): Subscription<{ head: number }> {
  let position = 0;
  client.on("message.posted", ({ room: at, seq, text }) => {
    if (at !== room || seq <= position) return;
    position = seq;
    show(text);
  });
  return client.subscribe("room.join", () => ({ room, since: position }), {
    onReply({ head, missed }) {
      for (const { seq, text } of missed) if (seq > position) show(text);
      position = Math.max(position, head);
    },
    onError: (error) => show(String(error)),
    leave: () => client.call("room.leave", { room }),
  });
}
