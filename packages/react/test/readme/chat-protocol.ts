import { defineProtocol } from "@multichat/channels/protocol";
import { z } from "zod";

const message = z.object({ seq: z.number(), from: z.string(), text: z.string() });

export const chat = defineProtocol({
  commands: {
    "room.join": {
      input: z.object({ room: z.string(), since: z.number() }),
      reply: z.object({ topic: z.string(), missed: z.array(message) }),
    },
    "room.leave": { input: z.object({ room: z.string() }) },
    "message.send": {
      input: z.object({ room: z.string(), text: z.string() }),
      reply: z.object({ seq: z.number() }),
    },
  },
  events: { "message.posted": message.extend({ room: z.string() }) },
  errors: { ROOM_ACCESS_DENIED: "You are not a member of this room." },
});
