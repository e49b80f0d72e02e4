import { createStore } from "./store.ts";

/** What lies over the scene; one thing at a time. */
export type OverlayName = "jump" | "keys" | "create-room" | "browse" | "direct" | null;

export const overlay = createStore<OverlayName>(null);

export function openOverlay(name: NonNullable<OverlayName>): void {
  overlay.set(name);
}

export function closeOverlay(): void {
  overlay.set(null);
}
