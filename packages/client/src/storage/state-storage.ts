/**
 * Where the client keeps what it knows, so that a reload resumes instead of loading again. A cache: losing it costs a page of
 * history, nothing else. Values are plain data that can be cloned.
 */
export interface StateStorage {
  entries(): Promise<ReadonlyMap<string, unknown>>;
  put(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
  clear(): Promise<void>;
}
