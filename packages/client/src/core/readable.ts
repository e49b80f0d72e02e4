/**
 * A value that changes, in the shape that React's `useSyncExternalStore(readable.subscribe, readable.get)` takes. What `get`
 * returns is immutable and stays the same object until something in it has changed. Both functions are bound.
 */
export interface Readable<T> {
  readonly get: () => T;
  /** Calls the listener after changes, once for all changes of one turn of the event loop. Returns a function that unsubscribes. */
  readonly subscribe: (listener: () => void) => () => void;
}
