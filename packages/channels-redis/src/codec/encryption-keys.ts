import { ChannelsError } from "@multichat/channels/layer";

/** Key phrases, the encrypting one first. */
export type EncryptionKeys = readonly (string | Uint8Array)[];

/** @throws InvalidOption for anything but a list. */
export function resolveEncryptionKeys(keys: EncryptionKeys = []): EncryptionKeys {
  if (Array.isArray(keys)) return keys;
  throw new ChannelsError("InvalidOption", {
    option: "symmetricEncryptionKeys",
    expected: "a list of key phrases, the encrypting one first",
    got: typeof keys,
  });
}
