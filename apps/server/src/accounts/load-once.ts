/** Returns a function that loads something with its first call, for all calls. After a load that failed, the next call tries again. */
export function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  const loadOrForget = async () => {
    try {
      return await load();
    } catch (error) {
      loaded = undefined;
      throw error;
    }
  };
  return () => {
    loaded ??= loadOrForget();
    return loaded;
  };
}
