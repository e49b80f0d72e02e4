import { type ComponentType, createElement } from "react";
import { retryImport } from "../state/retry-import.ts";
import { createStore, useStore } from "../state/store.ts";
import { loadDeferredTexts } from "./i18n.ts";

const Nothing = () => null;

/**
 * A component that is loaded when it first renders, together with the deferred texts.
 *
 * @param name The component's name among the exports of its module.
 * @param Fallback Shown until then; by default nothing.
 */
export function lazyComponent<P extends object, K extends string>(
  load: () => Promise<{ readonly [Name in K]: ComponentType<P> }>,
  name: K,
  Fallback: ComponentType = Nothing,
): ComponentType<P> {
  const loaded = createStore<{ readonly component: ComponentType<P> } | undefined>(undefined);
  let isLoading = false;

  async function start(): Promise<void> {
    isLoading = true;
    const [module] = await retryImport(() => Promise.all([load(), loadDeferredTexts()]));
    loaded.set({ component: module[name] });
  }

  return function Lazy(props: P) {
    const current = useStore(loaded);
    if (current !== undefined) return createElement(current.component, props);
    if (!isLoading) void start();
    return createElement(Fallback);
  };
}
