import { ChannelsError } from "@multichat/channels/layer";

/** What a caller is told when the server could not be reached. */
export function disconnectedError(error: unknown): ChannelsError<"LayerDisconnected"> {
  const reason = error instanceof Error ? error.message : String(error);
  return new ChannelsError("LayerDisconnected", { reason }, { cause: error });
}

/** What `onError` is told of bytes that are no message. */
export function unreadableMessageError(): Error {
  return new Error(
    "Something arrived that is no message of this layer; it was passed over. Expected what this layer writes: give " +
      "every process the same serializer and symmetricEncryptionKeys.",
  );
}
