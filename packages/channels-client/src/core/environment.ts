/** `wake`: the page is visible again or the device has a network again, so that a wait can end early. */
export type EnvironmentChange = "wake" | "offline";

/** Whether the device has a network. False only where the browser is sure. */
export function isOnline(): boolean {
  return typeof navigator !== "object" || navigator.onLine !== false;
}

/** Calls the listener when a browser reports a change. Elsewhere nothing happens. Returns a function that unsubscribes. */
export function watchEnvironment(listener: (change: EnvironmentChange) => void): () => void {
  if (typeof window !== "object" || typeof document !== "object") return () => {};
  const stop = new AbortController();
  const { signal } = stop;
  const onVisibility = () => {
    if (document.visibilityState === "visible") listener("wake");
  };
  window.addEventListener("online", () => listener("wake"), { signal });
  window.addEventListener("offline", () => listener("offline"), { signal });
  // A page restored from the back/forward cache is visible without having been hidden.
  window.addEventListener("pageshow", onVisibility, { signal });
  document.addEventListener("visibilitychange", onVisibility, { signal });
  return () => stop.abort();
}
