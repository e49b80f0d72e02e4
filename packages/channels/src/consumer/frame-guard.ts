/** A guard's decision on a received frame. */
export type FrameVerdict = "pass" | "drop" | { readonly close: number; readonly reason: string };

/**
 * Decides on every frame of one connection before it is queued. Middleware adds guards to a resolution. Must be fast.
 */
export type FrameGuard = (bytes: number) => FrameVerdict;
