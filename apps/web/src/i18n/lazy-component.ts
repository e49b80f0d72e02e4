import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { retryImport } from "../state/retry-import.ts";
import { loadDeferredTexts } from "./i18n.ts";

/**
 * A component that is loaded when it first renders, together with the deferred texts.
 *
 * @param name The component's name among the exports of its module.
 */
export function lazyComponent<P, K extends string>(
  load: () => Promise<{ readonly [Name in K]: ComponentType<P> }>,
  name: K,
): LazyExoticComponent<ComponentType<P>> {
  return lazy(async () => {
    const [module] = await retryImport(() => Promise.all([load(), loadDeferredTexts()]));
    return { default: module[name] };
  });
}
