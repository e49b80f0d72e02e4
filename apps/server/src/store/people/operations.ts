import { getOrCreateSecret } from "../database/meta.ts";
import { read, write } from "../database/operation.ts";
import {
  acceptInvitation,
  createInvitation,
  findInvitation,
  getInvitation,
  listInvitations,
  revokeInvitation,
} from "./invitations.ts";
import { findPasswordHash, setPassword } from "./passwords.ts";
import { changePerson, countPeople, createPerson, findPerson, findSharedKey, listPeople } from "./people.ts";
import { runAuditedStatement, runStatement } from "./raw-statement.ts";
import { createResetLink, findResetLink, resetPassword } from "./reset-links.ts";
import {
  confirmSession,
  endExpiredSessions,
  endSession,
  endSessions,
  findSession,
  listSessions,
  replaceSession,
  touchSessions,
} from "./sessions.ts";

/**
 * Every end of a session and every change of a person is recorded in the change feed, and in the audit log by its operation, in
 * the same transaction. `by`: who makes the change; without it the server does.
 */
export const accountOperations = {
  count: read(countPeople),
  list: read(listPeople),
  find: read(findPerson),
  findSharedKey: read(findSharedKey),
  create: write(createPerson),
  /** Also ends the account's sessions where the password changes or the account is deactivated, in the same transaction. */
  change: write(changePerson),
  /** Returns undefined where the person has no password. */
  findPasswordHash: read(findPasswordHash),
  /**
   * Sets a password and ends all sessions but `keep`, in one transaction. Returns false where `from` is no longer the
   * hash.
   */
  setPassword: write(setPassword),

  /** Returns false where there are too many that people can still use. */
  createInvitation: write(createInvitation),
  /** The newest first. */
  listInvitations: read(listInvitations),
  getInvitation: read(getInvitation),
  findInvitation: read(findInvitation),
  revokeInvitation: write(revokeInvitation),
  /** Creates an account, counts the use and joins the rooms, in one transaction. */
  acceptInvitation: write(acceptInvitation),

  /** Stores the only reset link of an account. A new password, deactivation and another flag end it. */
  createResetLink: write(createResetLink),
  findResetLink: read(findResetLink),
  /** Sets a password and ends all sessions, in one transaction. Returns false where the link does not work any more. */
  resetPassword: write(resetPassword),

  findSession: read(findSession),
  listSessions: read(listSessions),
  /** Returns false where the user has no such session. */
  endSession: write(endSession),
  /** Ends all sessions of a user but `keep`, and returns how many. */
  endSessions: write(endSessions),
  /** Returns how many sessions have ended. */
  endExpiredSessions: write(endExpiredSessions),
  touchSessions: write(touchSessions),
  /** Ends the session that a sign-in replaces, and those over the limit of sessions. */
  replaceSession: write(replaceSession),
  confirmSession: write(confirmSession),

  /** Returns the secret of this name; where there is none, stores and returns the offered one. */
  getOrCreateSecret: write(getOrCreateSecret),
};

/** For the accounts library, which brings its own SQL. */
export const statementOperations = {
  read: read(runStatement),
  write: write(runAuditedStatement),
};
