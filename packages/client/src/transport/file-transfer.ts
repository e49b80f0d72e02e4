import type { MessageFile, WireError } from "@multichat/protocol";
import { ConnectionLost, UploadFailed } from "../model/errors.ts";
import type { FileDownloadOptions, FileTransfers, FileUploadOptions } from "../model/file-transfers.ts";
import type { ServerLimits } from "../model/server-limits.ts";
import type { Fetch } from "./sign-in-check.ts";

export interface FileTransferOptions {
  /** The URL of the HTTP API, without a slash at the end. */
  readonly apiUrl: string;
  readonly token: string | undefined;
  readonly fetch: Fetch;
  /** Sends with a report of the progress; undefined where there is no such way, or a `fetch` was given. */
  readonly sendWithProgress: SendWithProgress | undefined;
  readonly newId: () => string;
  readonly serverLimits: ServerLimits;
}

interface Upload {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Blob | Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal | undefined;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

export type SendWithProgress = (upload: Upload, onProgress: (sentBytes: number) => void) => Promise<Answer>;

const BODY_TYPE = "application/octet-stream";

/** Files travel over HTTP, each in a request of its own: on the WebSocket, a large one would hold up everything else. */
export class FileTransfer implements FileTransfers {
  readonly #options: FileTransferOptions;

  constructor(options: FileTransferOptions) {
    this.#options = options;
  }

  readonly upload = async (
    room: string,
    data: Blob | Uint8Array,
    { name, clientId = this.#options.newId(), onProgress, signal }: FileUploadOptions,
  ): Promise<MessageFile> => {
    signal?.throwIfAborted();
    const { apiUrl, token, serverLimits, sendWithProgress } = this.#options;
    const bytes = data instanceof Uint8Array ? data.byteLength : data.size;
    if (serverLimits.areKnown) assertFits(bytes, serverLimits.current.fileBytes);
    const query = new URLSearchParams({ name, clientId });
    const upload: Upload = {
      url: `${apiUrl}/rooms/${encodeURIComponent(room)}/files?${query}`,
      headers: { "content-type": BODY_TYPE, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      data: data instanceof Uint8Array ? unshared(data) : data,
      signal,
    };
    const answer = await (onProgress === undefined || sendWithProgress === undefined
      ? this.#send(upload)
      : sendWithProgress(upload, onProgress));
    const file = readAnswer(answer);
    onProgress?.(bytes);
    return file;
  };

  readonly url = (
    { id, name }: Pick<MessageFile, "id" | "name">,
    { download = false }: FileDownloadOptions = {},
  ): string =>
    `${this.#options.apiUrl}/files/${encodeURIComponent(id)}/${encodeURIComponent(name)}${download ? "?download" : ""}`;

  async #send({ url, headers, data, signal }: Upload): Promise<Answer> {
    try {
      const response = await this.#options.fetch(url, {
        method: "POST",
        credentials: "include",
        headers,
        body: data,
        ...(signal === undefined ? {} : { signal }),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      signal?.throwIfAborted();
      throw toLost(error);
    }
  }
}

/** No request takes shared memory as its body. */
function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : Uint8Array.from(bytes);
}

/** @throws UploadFailed what the server would refuse is not sent. */
function assertFits(bytes: number, fileBytes: number): void {
  if (fileBytes === 0) throw new UploadFailed({ code: "FORBIDDEN", message: "This server takes no files." });
  if (bytes <= fileBytes) return;
  const message = `Expected a file of at most ${fileBytes} bytes, got ${bytes}.`;
  throw new UploadFailed({ code: "PAYLOAD_TOO_LARGE", message });
}

function toLost(cause: unknown): ConnectionLost {
  return new ConnectionLost("The connection was lost during the upload; upload again with the same client id.", {
    cause,
  });
}

function readAnswer({ status, text }: Answer): MessageFile {
  const body = parse(text);
  if (status >= 200 && status < 300 && body.file !== undefined) return body.file;
  throw new UploadFailed(body.error ?? errorOfProxy(status));
}

function parse(text: string): { readonly file?: MessageFile; readonly error?: WireError } {
  try {
    // The answers of the server are tested against these types; others have neither property.
    return (JSON.parse(text) ?? {}) as { file?: MessageFile; error?: WireError };
  } catch {
    return {};
  }
}

/** A proxy in front of the server has limits of its own, and answers in its own words. */
function errorOfProxy(status: number): WireError {
  if (status === 413) {
    return {
      code: "PAYLOAD_TOO_LARGE",
      message: "The file is larger than what a proxy in front of the server accepts.",
    };
  }
  return { code: "UNAVAILABLE", message: `Expected an uploaded file from the server, got the status ${status}.` };
}

/** Browsers report the progress of an upload by `XMLHttpRequest` alone. */
export const xhrUpload: SendWithProgress = ({ url, headers, data, signal }, onProgress) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const end = () => signal?.removeEventListener("abort", abort);
    request.open("POST", url);
    request.withCredentials = true;
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded }) => onProgress(loaded));
    request.addEventListener("load", () => {
      end();
      resolve({ status: request.status, text: request.responseText });
    });
    for (const type of ["error", "timeout"] as const) {
      request.addEventListener(type, (event) => {
        end();
        reject(toLost(event));
      });
    }
    request.addEventListener("abort", () => {
      end();
      reject(signal?.reason ?? toLost(undefined));
    });
    signal?.addEventListener("abort", abort, { once: true });
    request.send(data);
  });
