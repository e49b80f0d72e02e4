/** The author of a change; null: a script or the server itself. */
export type ActorRef = { readonly id: string; readonly username: string } | null;
