import type { Me } from "@multichat/protocol";
import { chat } from "../connection/chat.ts";
import { RequestFailed } from "../connection/http.ts";
import { type Profile, profileApi } from "../connection/profile-api.ts";
import { restoreOwnPresence } from "./presence.ts";
import { readJson, writeStored } from "./storage/storage.ts";
import { createStore, useStore } from "./store.ts";

/** The session of this page. */
export type SessionState =
  /** The server has not answered yet. */
  | { readonly kind: "unknown" }
  /** The server did not answer, and no session is stored. */
  | { readonly kind: "unreachable"; readonly error: RequestFailed }
  /** `signed-out`: on this page. `ended`, `banned`: the session ended elsewhere, or the account was disabled. */
  | { readonly kind: "anonymous"; readonly reason: "never" | "signed-out" | "ended" | "banned" }
  | { readonly kind: "signed-in"; readonly profile: Profile };

const KEY = "multichat.profile";

export const session = createStore<SessionState>({ kind: "unknown" });

/** Raised where a session begins or ends, so that the server's answer about an earlier one is ignored. */
let generation = 0;

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
  // The server refuses the connection until a new password is chosen.
  if (profile.me.passwordChangeRequired) return;
  restoreOwnPresence(profile.me.id);
  chat.connect();
}

/** Ignores the answer to a question of before: it would connect an account that is being signed out. */
export function ignorePendingRefresh(): void {
  generation += 1;
}

export async function endSession(reason: Extract<SessionState, { kind: "anonymous" }>["reason"]): Promise<void> {
  generation += 1;
  writeStored(KEY, null);
  chat.disconnect();
  session.set({ kind: "anonymous", reason });
  await chat.forget();
}

/** Asks the server who is signed in. The stored session stays in use meanwhile. */
export async function refreshSession(): Promise<void> {
  const before = session.get();
  const asked = generation;
  try {
    const profile = await profileApi.getProfile();
    if (asked === generation) startSignedIn(profile);
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    if (asked !== generation) return;
    if (error.code === "USER_HAS_TO_LOGIN") await endSession(before.kind === "signed-in" ? "ended" : "never");
    else if (before.kind !== "signed-in") session.set({ kind: "unreachable", error });
  }
}

/** Starts with the stored session, then asks the server, and keeps both in step with the connection. */
export function startSession(): void {
  const stored = readJson(KEY);
  if (isProfile(stored)) startSignedIn(stored);
  chat.connection.subscribe(() => {
    const state = chat.connection.get();
    if (state.phase !== "refused" || session.get().kind !== "signed-in") return;
    if (state.code === "signed-out") void endSession("ended");
    else if (state.code === "banned") void endSession("banned");
  });
  // Name and flags can change while the page is open, and the account's permissions with them.
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
  await profileApi.signIn(username, password);
  generation += 1;
  startSignedIn(await profileApi.getProfile());
}
