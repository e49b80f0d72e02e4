import type { VirtualizerHandle } from "virtua";

/** A distance from the end that still counts as being at the end. */
export const AT_END_PX = 48;

export function isAtEnd(handle: VirtualizerHandle, offset: number): boolean {
  return handle.scrollSize - offset - handle.viewportSize < AT_END_PX;
}

/** Returns the index of the row in the middle of the screen. */
export function findMiddleIndex(handle: VirtualizerHandle | null): number {
  return handle?.findItemIndex(handle.scrollOffset + handle.viewportSize / 2) ?? 0;
}
