import { ErrorCode, MessageFile, QuotedMessage } from "@multichat/protocol";
type LocalFailureCode = "DISCARDED" | "AUTHOR_UNKNOWN";
interface OutboxRecord {
  readonly clientId: string;
  readonly room: string;
  readonly body: string;
  readonly replyTo: QuotedMessage | null;
  readonly files?: readonly MessageFile[];
  readonly createdAt: number;
  readonly author: string | null;
  readonly owner: string;
  readonly failed: {
    readonly code: ErrorCode | LocalFailureCode;
    readonly message: string;
  } | null;
}
interface OutboxStorage {
  all(): Promise<readonly OutboxRecord[]>;
  put(record: OutboxRecord): Promise<void>;
  delete(clientId: string): Promise<void>;
}
declare function fileOutbox(folder: string): OutboxStorage;
export { fileOutbox };