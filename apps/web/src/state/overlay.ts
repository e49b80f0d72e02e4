import { createStore } from "./store.ts";

/** What lies over the scene; one thing at a time. */
export type OverlayName = "jump" | "keys" | "create-room" | "browse" | "direct" | null;

export const activeOverlay = createStore<OverlayName>(null);

export function openOverlay(name: NonNullable<OverlayName>): void {
  activeOverlay.set(name);
}

export function closeOverlay(): void {
  activeOverlay.set(null);
}
