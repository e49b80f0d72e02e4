/** What the device says about itself. */
export interface Environment {
  /** False only when the device is sure that it has no network. */
  online(): boolean;
  /** Calls the listener when the network or the person came or went. Returns the way to stop. */
  subscribe(listener: (change: EnvironmentChange) => void): () => void;
}

/** `hidden`, `visible`: the page is not looked at any more, or again. */
export type EnvironmentChange = "online" | "offline" | "visible" | "hidden";

const elsewhere: Environment = { online: () => true, subscribe: () => () => {} };

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
    // A page that comes out of the back/forward cache is visible without having been hidden.
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

/** @returns the browser's own signals in a page, an always-online device elsewhere. */
export function defaultEnvironment(): Environment {
  return typeof window === "object" && typeof document === "object" ? browser : elsewhere;
}
