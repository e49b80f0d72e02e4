import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { retryImport } from "../state/retry-import.ts";
import { loadDeferredTexts } from "./i18n.ts";

/** A component that is loaded when it first renders, together with the deferred texts. */
export function lazyComponent<P>(load: () => Promise<ComponentType<P>>): LazyExoticComponent<ComponentType<P>> {
  return lazy(async () => {
    const [component] = await retryImport(() => Promise.all([load(), loadDeferredTexts()]));
    return { default: component };
  });
}
