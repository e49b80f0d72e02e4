import { createStore } from "./store.ts";

/** The dialogs that open over any page, one at a time. */
export type OverlayName = "quick-switcher" | "shortcuts" | "create-room" | "browse-rooms" | "new-direct" | null;

export const activeOverlay = createStore<OverlayName>(null);

export function openOverlay(name: NonNullable<OverlayName>): void {
  activeOverlay.set(name);
}

export function closeOverlay(): void {
  activeOverlay.set(null);
}
