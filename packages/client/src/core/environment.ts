/** What the device reports about its network and about the page. */
export interface Environment {
  /** False only when the device is sure that it has no network. */
  online(): boolean;
  /** Calls the listener when the network or the page's visibility changes. Returns a function that unsubscribes. */
  subscribe(listener: (change: EnvironmentChange) => void): () => void;
}

/** `hidden` and `visible`: the page's visibility. */
export type EnvironmentChange = "online" | "offline" | "visible" | "hidden";

const alwaysOnline: Environment = { online: () => true, subscribe: () => () => {} };

const browser: Environment = {
  online: () => navigator.onLine,
  subscribe(listener) {
    const online = () => listener("online");
    const offline = () => listener("offline");
    const visibility = () => {
      listener(document.visibilityState);
    };
    window.addEventListener("online", online);
    window.addEventListener("offline", offline);
    // A page restored from the back/forward cache is visible without having been hidden.
    window.addEventListener("pageshow", visibility);
    document.addEventListener("visibilitychange", visibility);
    return () => {
      window.removeEventListener("online", online);
      window.removeEventListener("offline", offline);
      window.removeEventListener("pageshow", visibility);
      document.removeEventListener("visibilitychange", visibility);
    };
  },
};

/** Returns the browser's events in a page, and an environment that is always online elsewhere. */
export function defaultEnvironment(): Environment {
  return typeof window === "object" && typeof document === "object" ? browser : alwaysOnline;
}
