import { ChannelsError } from "@multichat/channels/layer";

/** Wraps the error of a command that could not reach the server. */
export function disconnectedError(error: unknown): ChannelsError<"LayerDisconnected"> {
  const reason = error instanceof Error ? error.message : String(error);
  return new ChannelsError("LayerDisconnected", { reason }, { cause: error });
}

/** What `onError` receives for bytes that cannot be decoded. Other messages and connections are not affected. */
export class UnreadableMessageError extends Error {
  override readonly name = "UnreadableMessageError";

  constructor() {
    super(
      "Skipped a message that this layer cannot read. Expected a message written by a layer with the same settings, of " +
        "at most maxMessageBytes: give every process the same serializer and symmetricEncryptionKeys.",
    );
  }
}
