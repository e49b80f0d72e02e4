import { defineProtocol } from "@multichat/channels/protocol";
import { z } from "zod";

export const chat = defineProtocol({
  commands: {
    "room.join": { input: z.object({ room: z.string().max(50) }) },
    "message.send": {
      summary: "Posts a message to a room that the connection has joined.",
      input: z.object({ room: z.string(), text: z.string().max(4_000) }),
      reply: z.object({ id: z.string() }),
    },
  },
  events: { "message.posted": z.object({ id: z.string(), room: z.string(), from: z.string(), text: z.string() }) },
  errors: { ROOM_ACCESS_DENIED: "You are not a member of this room." },
});
