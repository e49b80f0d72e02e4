import { UploadFailed } from "@multichat/client";
import type { MessageFile } from "@multichat/protocol";
import { chat } from "../../connection/chat.ts";
import { readAttachedFiles, writeAttachedFiles } from "../storage/attached-files.ts";
import { createStore, type ReadableStore } from "../store.ts";
import { UploadQueue } from "./upload-queue.ts";

/** A file that is attached to the next message of a room. */
export interface Attachment {
  readonly key: string;
  readonly name: string;
  readonly bytes: number;
  readonly state:
    | { readonly kind: "uploading"; readonly sentBytes: number }
    | { readonly kind: "uploaded"; readonly file: MessageFile }
    | { readonly kind: "failed"; readonly error: unknown };
}

/** What the server accepts. */
export interface AttachmentLimits {
  readonly fileBytes: number;
  readonly filesPerMessage: number;
  readonly fileNameChars: number;
}

interface Source {
  readonly file: File;
  readonly abort: AbortController;
}

const NONE: readonly Attachment[] = [];
const PROGRESS_INTERVAL_MS = 100;

const queue = new UploadQueue((room, file, options) => chat.files.upload(room, file, { name: file.name, ...options }));

/**
 * The files attached to the next message of one room: uploaded as soon as they are chosen. They stay when another room is shown;
 * those that are uploaded also when the page is loaded again.
 */
export class RoomAttachments implements ReadableStore<readonly Attachment[]> {
  readonly #user: string;
  readonly #room: string;
  readonly #store;
  readonly #sources = new Map<string, Source>();

  constructor(user: string, room: string) {
    this.#user = user;
    this.#room = room;
    const stored = readAttachedFiles(user, room).map(
      (file): Attachment => ({ key: file.id, name: file.name, bytes: file.bytes, state: { kind: "uploaded", file } }),
    );
    this.#store = createStore<readonly Attachment[]>(stored.length === 0 ? NONE : stored);
  }

  readonly get = (): readonly Attachment[] => this.#store.get();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  /** Attaches files. Those that the server would refuse fail at once; returns how many are too many for one message. */
  add(files: readonly File[], limits: AttachmentLimits): number {
    const free = Math.max(0, limits.filesPerMessage - this.get().length);
    for (const file of files.slice(0, free)) {
      const named = withName(file, limits.fileNameChars);
      const key = crypto.randomUUID();
      this.#store.set((before) => [
        ...before,
        { key, name: named.name, bytes: named.size, state: { kind: "uploading", sentBytes: 0 } },
      ]);
      void this.#upload(key, named);
    }
    return Math.max(0, files.length - free);
  }

  readonly retry = (key: string): void => {
    const source = this.#sources.get(key);
    if (source !== undefined) void this.#upload(key, source.file);
  };

  remove(key: string): void {
    this.#sources.get(key)?.abort.abort();
    this.#sources.delete(key);
    this.#store.set((before) => before.filter((attachment) => attachment.key !== key));
    this.#save();
  }

  /** Empties the list, because a message has taken the files. */
  clear(): void {
    for (const { abort } of this.#sources.values()) abort.abort();
    this.#sources.clear();
    this.#store.set(NONE);
    this.#save();
  }

  async #upload(key: string, file: File): Promise<void> {
    const abort = new AbortController();
    this.#sources.set(key, { file, abort });
    this.#setState(key, { kind: "uploading", sentBytes: 0 });
    let reportedAt = 0;
    const onProgress = (sentBytes: number) => {
      const now = performance.now();
      if (now - reportedAt < PROGRESS_INTERVAL_MS && sentBytes < file.size) return;
      reportedAt = now;
      this.#setState(key, { kind: "uploading", sentBytes });
    };
    try {
      // A retry after a failure is another upload: the server would repeat its answer to the same id.
      const clientId = crypto.randomUUID();
      const uploaded = await queue.add(this.#room, file, { clientId, onProgress, signal: abort.signal });
      if (abort.signal.aborted) return;
      this.#sources.delete(key);
      this.#setState(key, { kind: "uploaded", file: uploaded });
      this.#save();
    } catch (error) {
      if (!abort.signal.aborted) this.#setState(key, { kind: "failed", error });
    }
  }

  #setState(key: string, state: Attachment["state"]): void {
    this.#store.set((before) =>
      before.map((attachment) => (attachment.key === key ? { ...attachment, state } : attachment)),
    );
  }

  #save(): void {
    writeAttachedFiles(this.#user, this.#room, listUploaded(this.get()));
  }
}

export function listUploaded(attachments: readonly Attachment[]): readonly MessageFile[] {
  return attachments.flatMap(({ state }) => (state.kind === "uploaded" ? [state.file] : []));
}

export function isUploading(attachments: readonly Attachment[]): boolean {
  return attachments.some(({ state }) => state.kind === "uploading");
}

/** Whether the server has said why it will not take the file: trying again would not help. */
export function isRefused({ state }: Attachment): boolean {
  return state.kind === "failed" && state.error instanceof UploadFailed;
}

/** Cuts a long name in the middle, so that its ending stays. */
function withName(file: File, maxChars: number): File {
  const chars = [...file.name];
  if (chars.length <= maxChars) return file;
  const ending = /\.[^.]{1,12}$/.exec(file.name)?.[0] ?? "";
  const name = chars.slice(0, maxChars - [...ending].length).join("") + ending;
  return new File([file], name, { type: file.type, lastModified: file.lastModified });
}

const rooms = new Map<string, RoomAttachments>();

/** Returns the attachments of a room, the same object until the user signs out. */
export function attachmentsOf(user: string, room: string): RoomAttachments {
  const key = `${user}/${room}`;
  const found = rooms.get(key) ?? new RoomAttachments(user, room);
  rooms.set(key, found);
  return found;
}

/** Ends all uploads and forgets all attachments, because the user signs out. */
export function deleteAttachments(): void {
  for (const attachments of rooms.values()) attachments.clear();
  rooms.clear();
}

/** Asks before the page is left while files are uploaded, which would be lost. */
export function guardUploads(): void {
  window.addEventListener("beforeunload", (event) => {
    if ([...rooms.values()].some((attachments) => isUploading(attachments.get()))) event.preventDefault();
  });
}
