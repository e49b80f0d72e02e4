import type { MessageFile } from "@multichat/protocol";

export interface FileUploadOptions {
  /** Without a path; shown with the message, and used where the file is saved. */
  readonly name: string;
  /**
   * 1 to 64 letters, digits, - or _. An upload that is repeated with the same id, after a lost reply, gets the same file.
   *
   * @default a new one
   */
  readonly clientId?: string;
  /** Called with the bytes that were sent so far: in browsers during the upload, elsewhere at its end. */
  readonly onProgress?: (sentBytes: number) => void;
  readonly signal?: AbortSignal;
}

export interface FileDownloadOptions {
  /** Whether a browser saves the file instead of displaying it. @default false */
  readonly download?: boolean;
}

/** Uploads and downloads of the files of messages, over HTTP. */
export interface FileTransfers {
  /**
   * Uploads a file to a room, by its id. Resolves when it is on the server's disk: send it with `room.send(body, { files })` within
   * a day. Rejects with UploadFailed, ConnectionLost or the signal's reason. Bytes must not change meanwhile.
   */
  readonly upload: (room: string, data: Blob | Uint8Array, options: FileUploadOptions) => Promise<MessageFile>;
  /** Returns the address of a file. It works with the session's cookie, or with the token in a header. */
  readonly url: (file: Pick<MessageFile, "id" | "name">, options?: FileDownloadOptions) => string;
}
