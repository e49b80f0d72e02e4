import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Refusal } from "../access/refusal.ts";
import type { Piece } from "./content/content-plan.ts";
import { type InspectedContent, inspectContent } from "./content/inspect-content.ts";

export interface PreparedContent extends Omit<InspectedContent, "pieces"> {
  /** The file that holds it, synced to disk. */
  readonly path: string;
  readonly bytes: number;
  /** SHA-256, in hexadecimal digits. */
  readonly hash: string;
}

const COPY_BYTES = 256 * 1_024;
/** For the account of the server alone. */
const FILE_MODE = 0o600;

/**
 * Writes a body into a file of the folder, and removes what it says about its author's device and place. Takes the same memory
 * for a body of any size.
 *
 * @throws Refusal PAYLOAD_TOO_LARGE where it has more than `maxBytes`; whatever the body or the disk fails with. Nothing is left then.
 */
export async function prepareContent(
  body: AsyncIterable<Buffer>,
  { folder, maxBytes, tooLarge }: { readonly folder: string; readonly maxBytes: number; readonly tooLarge: Refusal },
): Promise<PreparedContent> {
  const received = await writeFile(folder, body, { maxBytes, tooLarge });
  const { pieces, ...inspected } = await withFile(received.path, (handle) =>
    inspectContent(handle, received.bytes),
  ).catch(async (error: unknown) => {
    await discard(received.path);
    throw error;
  });
  if (pieces === undefined) return { ...received, ...inspected };
  try {
    const rewritten = await withFile(received.path, (handle) =>
      // Never longer than what was received, but for the few bytes that say how an image is turned.
      writeContent(folder, readPieces(handle, pieces)),
    );
    return { ...rewritten, ...inspected };
  } finally {
    await discard(received.path);
  }
}

/** Removes what was prepared and is not needed. */
export async function discard(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** Writes a content as it is. */
export async function writeContent(
  folder: string,
  content: AsyncIterable<Buffer>,
): Promise<Pick<PreparedContent, "path" | "bytes" | "hash">> {
  return await writeFile(folder, content, { maxBytes: Number.POSITIVE_INFINITY });
}

async function withFile<T>(path: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(path, "r");
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

async function writeFile(
  folder: string,
  body: AsyncIterable<Buffer>,
  { maxBytes, tooLarge }: { readonly maxBytes: number; readonly tooLarge?: Refusal },
): Promise<Pick<PreparedContent, "path" | "bytes" | "hash">> {
  const path = join(folder, randomUUID());
  const handle = await open(path, "wx", FILE_MODE);
  try {
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge;
      hash.update(chunk);
      await writeAll(handle, chunk);
    }
    await handle.sync();
    return { path, bytes, hash: hash.digest("hex") };
  } catch (error) {
    await discard(path);
    throw error;
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, chunk: Buffer): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    written += (await handle.write(chunk, written, chunk.length - written)).bytesWritten;
  }
}

async function* readPieces(handle: FileHandle, pieces: readonly Piece[]): AsyncIterable<Buffer> {
  for (const piece of pieces) {
    if ("bytes" in piece) {
      yield piece.bytes;
      continue;
    }
    for (let at = piece.start; at < piece.end; ) {
      const buffer = Buffer.alloc(Math.min(COPY_BYTES, piece.end - at));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw new Error("expected a file to keep its length while it is read");
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
}
