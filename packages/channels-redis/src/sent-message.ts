import { ChannelsError, freezeMessage, type LayerMessage } from "@multichat/channels/layer";

/** The message key with the full channel name where a message travels under a shorter one, as in channels_redis. */
export const CHANNEL_KEY = "__asgi_channel__";

/**
 * The message key with the channel of the group that does not get the message (L14). Each process leaves it out where it
 * delivers; a Python process, which does not know the key, delivers to all of its members.
 */
export const EXCEPT_KEY = "__except__";

/**
 * Returns the copy of a message that is sent (L2).
 *
 * @throws InvalidMessage, also where the message has a key of the wire format: the receiver would take it away.
 */
export function freezeSentMessage(message: LayerMessage): LayerMessage {
  const frozen = freezeMessage(message);
  if (CHANNEL_KEY in frozen) throw reservedKey(CHANNEL_KEY);
  if (EXCEPT_KEY in frozen) throw reservedKey(EXCEPT_KEY);
  return frozen;
}

function reservedKey(key: string): ChannelsError<"InvalidMessage"> {
  const expected = "no key that the wire format of Redis layers uses";
  return new ChannelsError("InvalidMessage", { path: `message.${key}`, expected, got: "one" });
}
