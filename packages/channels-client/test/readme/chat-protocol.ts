import { defineProtocol } from "@multichat/channels/protocol";
import { z } from "zod";

export const chat = defineProtocol({
  commands: {
    "message.send": {
      input: z.object({ room: z.string(), text: z.string().max(4_000), key: z.string().optional() }),
      reply: z.object({ id: z.string() }),
    },
  },
  events: { "message.posted": z.object({ room: z.string(), from: z.string(), text: z.string() }) },
  errors: { ROOM_ACCESS_DENIED: "You are not a member of this room." },
});
