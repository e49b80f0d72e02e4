import { ChannelsError, freezeMessage, type LayerMessage } from "@multichat/channels/layer";

/** The message key with the full channel name where a message travels under a shorter one, as in channels_redis. */
export const CHANNEL_KEY = "__asgi_channel__";

/**
 * The message key with the channel of the group that does not get the message (L14). Each process leaves it out where it
 * delivers; a Python process, which does not know the key, delivers to all of its members.
 */
export const EXCEPT_KEY = "__except__";

/**
 * The message key with the group of a queued message whose prefix is its position (L15). A Python process ignores the prefix, and
 * gets the key.
 */
export const HISTORY_KEY = "__history__";

const RESERVED_KEYS = [CHANNEL_KEY, EXCEPT_KEY, HISTORY_KEY] as const;

/**
 * Returns the copy of a message that is sent (L2).
 *
 * @throws InvalidMessage, also where the message has a key of the wire format: the receiver would take it away.
 */
export function freezeSentMessage(message: LayerMessage): LayerMessage {
  const frozen = freezeMessage(message);
  for (const key of RESERVED_KEYS) if (key in frozen) throw reservedKey(key);
  return frozen;
}

/** Separates a message from the channel that does not get it. */
export function takeException(decoded: LayerMessage): { readonly message: LayerMessage; readonly except?: string } {
  if (!(EXCEPT_KEY in decoded)) return { message: decoded };
  const { [EXCEPT_KEY]: except, ...rest } = decoded;
  const message = freezeMessage(rest);
  return typeof except === "string" ? { message, except } : { message };
}

function reservedKey(key: string): ChannelsError<"InvalidMessage"> {
  const expected = "no key that the wire format of Redis layers uses";
  return new ChannelsError("InvalidMessage", { path: `message.${key}`, expected, got: "one" });
}
