import { z } from "zod";

/** The longest entries of this number fit one message. */
export const MAX_MEMBERS_PER_MESSAGE = 8;

const ID = z.string().min(1).max(200);
const MEMBERSHIP = z.strictObject({ group: ID, member: ID, connection: ID });

const message = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.strictObject({ type: z.literal(type), from: z.string().min(1).max(64), ...shape });

const SCHEMA = z.discriminatedUnion("type", [
  message("presence.joined", { group: ID, member: ID, connection: ID }),
  message("presence.left", { group: ID, connection: ID }),
  message("presence.lost", { connection: ID }),
  message("presence.members", {
    isFirst: z.boolean(),
    isLast: z.boolean(),
    members: z.array(MEMBERSHIP).max(MAX_MEMBERS_PER_MESSAGE),
  }),
  message("presence.renewed", {}),
  message("presence.asked", {}),
  message("presence.ended", {}),
]);

/** One connection of a member of a group. */
export type Membership = z.infer<typeof MEMBERSHIP>;

/**
 * What servers tell each other about presence: who joined a group, left one, lost the connection; everything that a server has,
 * in parts; that it is still there; that it needs the others to repeat everything; that it ends.
 */
export type PresenceMessage = z.infer<typeof SCHEMA>;

/** The same without its sender. */
export type NewPresenceMessage = WithoutSender<PresenceMessage>;
type WithoutSender<Message> = Message extends unknown ? Omit<Message, "from"> : never;

/** Returns undefined for what no server of this version sends. */
export function parsePresenceMessage(received: unknown): PresenceMessage | undefined {
  return SCHEMA.safeParse(received).data;
}
