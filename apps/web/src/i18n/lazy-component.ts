import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { loadDeferredTexts } from "./i18n.ts";

/** What is fetched when it is opened, and with it the part of the catalogue that the first load leaves out. */
export function lazyComponent<P>(load: () => Promise<ComponentType<P>>): LazyExoticComponent<ComponentType<P>> {
  return lazy(async () => {
    const [component] = await Promise.all([load(), loadDeferredTexts()]);
    return { default: component };
  });
}
