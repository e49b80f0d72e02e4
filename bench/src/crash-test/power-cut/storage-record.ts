/** What a process did to a file or folder, as the library in bench/storage records it. Files are inodes. */
export type StorageRecord =
  | { readonly kind: "start"; readonly root: number }
  | { readonly kind: "create"; readonly file: number; readonly path: string; readonly isFolder: boolean }
  | { readonly kind: "remove"; readonly path: string }
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  | { readonly kind: "link"; readonly file: number; readonly path: string }
  | { readonly kind: "write"; readonly file: number; readonly offset: number; readonly data: Buffer }
  | { readonly kind: "truncate"; readonly file: number; readonly size: number }
  | { readonly kind: "allocate"; readonly file: number; readonly size: number }
  | { readonly kind: "sync-begin"; readonly file: number; readonly sync: number }
  | { readonly kind: "sync-end"; readonly file: number; readonly sync: number };

/** The layout of `struct header` in bench/storage/recorder.c. */
const HEADER_BYTES = 32;
const KINDS = [
  "none",
  "start",
  "create",
  "remove",
  "rename",
  "link",
  "write",
  "truncate",
  "allocate",
  "sync-begin",
  "sync-end",
  "unsupported",
] as const;

/**
 * Reads the records of a log in their order, each with the position behind it: what a cut at that position still has.
 *
 * @throws where the log is damaged, or a process did what the model does not know
 */
export function* readRecords(log: Buffer): Generator<{ readonly record: StorageRecord; readonly end: number }> {
  for (let at = 0; at < log.length; ) {
    const length = at + HEADER_BYTES <= log.length ? log.readUInt32LE(at) : 0;
    if (length < HEADER_BYTES || at + length > log.length) throw new Error(`Expected a whole record at byte ${at}.`);
    const end = at + length;
    yield { record: parseRecord(log.subarray(at, end), at), end };
    at = end;
  }
}

function parseRecord(bytes: Buffer, at: number): StorageRecord {
  const kind = KINDS[bytes.readUInt16LE(4)];
  const file = Number(bytes.readBigUInt64LE(8));
  const offset = Number(bytes.readBigUInt64LE(16));
  const sync = Number(bytes.readBigUInt64LE(24));
  const data = bytes.subarray(HEADER_BYTES);
  const [path = "", other = ""] = kind === "write" ? [] : data.toString("utf8").split("\0");
  switch (kind) {
    case "start":
      return { kind, root: file };
    case "create":
      return { kind, file, path, isFolder: bytes.readUInt16LE(6) === 1 };
    case "remove":
      return { kind, path };
    case "rename":
      return { kind, from: path, to: other };
    case "link":
      return { kind, file, path };
    case "write":
      return { kind, file, offset, data };
    case "truncate":
    case "allocate":
      return { kind, file, size: offset };
    case "sync-begin":
    case "sync-end":
      return { kind, file, sync };
    case "unsupported":
      throw new Error(`The server changed its files in a way that is not recorded: ${path}.`);
    default:
      throw new Error(`Expected a known kind of record at byte ${at}.`);
  }
}
