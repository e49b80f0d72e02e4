/** What becomes of a frame that arrived. */
export type FrameVerdict = "pass" | "drop" | { readonly close: number; readonly reason: string };

/** Looks at every frame of one connection before it is queued; middleware adds it to a resolution. Must be cheap. */
export type FrameGuard = (bytes: number) => FrameVerdict;
