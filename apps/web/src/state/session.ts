import type { Me } from "@multichat/protocol";
import { api, type Profile } from "../connection/api.ts";
import { chat } from "../connection/chat.ts";
import { RequestFailed } from "../connection/http.ts";
import { restoreOwnPresence } from "./presence.ts";
import { readJson, writeStored } from "./storage.ts";
import { createStore, useStore } from "./store.ts";

/** Who uses this page. */
export type SessionState =
  /** Asked, not answered yet. */
  | { readonly kind: "unknown" }
  /** The server gave no answer, and nothing is known from before. */
  | { readonly kind: "unreachable"; readonly error: RequestFailed }
  /** `left`: signed out here. `ended`, `banned`: the session ended elsewhere, or the account was switched off. */
  | { readonly kind: "anonymous"; readonly why: "never" | "left" | "ended" | "banned" }
  | { readonly kind: "signed-in"; readonly profile: Profile };

const KEY = "multichat.profile";

export const session = createStore<SessionState>({ kind: "unknown" });

export function useSession(): SessionState {
  return useStore(session);
}

function isProfile(stored: unknown): stored is Profile {
  return typeof stored === "object" && stored !== null && "me" in stored && "limits" in stored;
}

function isSameAccount(a: Me, b: Me): boolean {
  return a.id === b.id && a.username === b.username && a.staff === b.staff && a.superuser === b.superuser;
}

function startSignedIn(profile: Profile): void {
  writeStored(KEY, JSON.stringify(profile));
  session.set({ kind: "signed-in", profile });
  restoreOwnPresence(profile.me.id);
  chat.connect();
}

async function endSession(why: Extract<SessionState, { kind: "anonymous" }>["why"]): Promise<void> {
  writeStored(KEY, null);
  chat.disconnect();
  session.set({ kind: "anonymous", why });
  await chat.forget();
}

/** Asks who is signed in. What was known before is shown meanwhile. */
export async function refreshSession(): Promise<void> {
  const before = session.get();
  try {
    startSignedIn(await api.getProfile());
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    if (error.code === "USER_HAS_TO_LOGIN") await endSession(before.kind === "signed-in" ? "ended" : "never");
    else if (before.kind !== "signed-in") session.set({ kind: "unreachable", error });
  }
}

/** Starts from what this browser knows, then asks the server; and follows what the connection hears. */
export function startSession(): void {
  const stored = readJson(KEY);
  if (isProfile(stored)) startSignedIn(stored);
  chat.connection.subscribe(() => {
    const state = chat.connection.get();
    if (state.phase !== "refused" || session.get().kind !== "signed-in") return;
    if (state.code === "signed-out") void endSession("ended");
    else if (state.code === "banned") void endSession("banned");
  });
  // Flags and name change while the page is open; what one may do changes with them.
  chat.me.subscribe(() => {
    const state = session.get();
    const me = chat.me.get();
    if (me === null || state.kind !== "signed-in" || isSameAccount(state.profile.me, me)) return;
    session.set({ kind: "signed-in", profile: { ...state.profile, me } });
    void refreshSession();
  });
  void refreshSession();
}

export async function signIn(username: string, password: string): Promise<void> {
  await api.signIn(username, password);
  startSignedIn(await api.getProfile());
}

/** @throws RequestFailed where the server could not be told: then one is still signed in. */
export async function signOut(): Promise<void> {
  try {
    await api.signOut();
  } catch (error) {
    if (!(error instanceof RequestFailed) || error.code !== "USER_HAS_TO_LOGIN") throw error;
  }
  await endSession("left");
}
