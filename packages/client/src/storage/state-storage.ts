/**
 * Stores rooms, messages and log positions, so that a reload resumes instead of loading everything again. It is a cache: losing
 * it costs one page of history per room. Values are plain data that `structuredClone` accepts.
 */
export interface StateStorage {
  entries(): Promise<ReadonlyMap<string, unknown>>;
  put(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
  clear(): Promise<void>;
}
