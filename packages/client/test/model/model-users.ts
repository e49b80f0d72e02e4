import type { Author, Me } from "@multichat/protocol";

const createUser = (id: string, { staff = false } = {}): Me => ({
  id,
  username: id,
  email: null,
  staff,
  superuser: false,
});

export const USERS = {
  alice: createUser("alice", { staff: true }),
  bob: createUser("bob"),
  dave: createUser("dave"),
} as const;
/** A user without a client. */
export const CAROL: Author = { id: "carol", username: "carol" };
