const RETRY_INTERVAL_MS = 2_000;

/** Style sheets that failed to load, by address. */
const missingStyles = new Map<string, PromiseWithResolvers<void>>();

/** Loads a part of the page until it succeeds: a failure would take down the page, and the server may only be restarting. */
export async function retryImport<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      const part = await load();
      // Without its styles the part would be shown, but not as designed.
      await Promise.all(Array.from(missingStyles.values(), ({ promise }) => promise));
      return part;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL_MS));
    }
  }
}

/** Loads every style sheet that fails to load again. The bundler's loader of parts requests each one only once. */
export function startRetryingStyles(): void {
  const retry = (target: EventTarget | null): void => {
    if (target instanceof HTMLLinkElement && target.rel === "stylesheet") retryStyle(target);
  };
  addEventListener("error", ({ target }) => retry(target), true);
  // Those of the page itself have been loaded before this script runs, or have failed, which leaves them without rules.
  for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')) {
    if (!hasRules(link)) retry(link);
  }
}

function hasRules({ sheet }: HTMLLinkElement): boolean {
  try {
    return sheet !== null && sheet.cssRules.length > 0;
  } catch {
    // The rules of one that has failed cannot be read, as of one from elsewhere.
    return false;
  }
}

function retryStyle(link: HTMLLinkElement): void {
  const loading = missingStyles.get(link.href) ?? Promise.withResolvers<void>();
  missingStyles.set(link.href, loading);
  setTimeout(() => {
    // A failed element does not load again; if this one fails too, the listener is called again.
    const next = document.createElement("link");
    next.rel = "stylesheet";
    next.crossOrigin = link.crossOrigin;
    next.onload = () => {
      missingStyles.delete(next.href);
      loading.resolve();
    };
    next.href = link.href;
    link.replaceWith(next);
  }, RETRY_INTERVAL_MS);
}
