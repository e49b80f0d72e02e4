import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { loadMore } from "./i18n.ts";

/** What is fetched when it is opened, and with it the part of the catalogue that the first load leaves out. */
export function lazyScene<P>(load: () => Promise<ComponentType<P>>): LazyExoticComponent<ComponentType<P>> {
  return lazy(async () => {
    const [scene] = await Promise.all([load(), loadMore()]);
    return { default: scene };
  });
}
