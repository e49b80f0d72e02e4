export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds to wait for the reply. @default the client's `replyTimeoutMs` */
  readonly timeoutMs?: number;
}
