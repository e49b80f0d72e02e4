import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { loadDeferredTexts } from "./i18n.ts";

/** A component that is loaded when it first renders, together with the deferred texts. */
export function lazyComponent<P>(load: () => Promise<ComponentType<P>>): LazyExoticComponent<ComponentType<P>> {
  return lazy(async () => {
    const [component] = await retry(() => Promise.all([load(), loadDeferredTexts()]));
    return { default: component };
  });
}

const RETRY_INTERVAL_MS = 2_000;

/** Loads again until it succeeds: a failure would take down the whole page, and the server may only be restarting. */
async function retry<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await load();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL_MS));
    }
  }
}
