import { closeSync, constants, fstatSync, openSync, readSync, statSync } from "node:fs";
import { decodeUtf8 } from "../process/utf8.ts";

/** More than the longest secret; a larger file is another file than the one that is meant. */
const MAX_SECRET_BYTES = 65_536;

/**
 * Reads the secret in a file, without the line break at its end. null for `/dev/null`, which a Compose file mounts where no
 * secret is given.
 *
 * @throws Error if there is no such secret.
 */
export function readSecretFile(path: string): string | null {
  // Not opened for this: where it is mounted, a container may be forbidden to open devices.
  const found = statSync(path);
  if (found.isCharacterDevice() && found.rdev === statSync("/dev/null").rdev) return null;
  // Does not wait for the other end of a pipe.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile())
      throw new Error(`expected a file, got ${stats.isDirectory() ? "a folder" : "a device or pipe"}`);
    const buffer = Buffer.alloc(MAX_SECRET_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(file, buffer, length, buffer.length - length, null);
    }
    if (length > MAX_SECRET_BYTES) throw new Error(`expected at most ${MAX_SECRET_BYTES} bytes`);
    const secret = decodeUtf8(buffer.subarray(0, length)).replace(/\r?\n$/, "");
    if (secret === "") throw new Error("expected a secret, the file is empty");
    return secret;
  } finally {
    closeSync(file);
  }
}
