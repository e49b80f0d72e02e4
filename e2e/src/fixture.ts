import type { Fixture } from "./chat-server.ts";

export const PASSWORD = "correct horse battery";

/** An administrator, one of the staff, and two who are neither; two rooms for all and one for the staff. */
export const FIXTURE: Fixture = {
  users: [
    { username: "ada", password: PASSWORD, staff: true, superuser: true },
    { username: "grace", password: PASSWORD, staff: true },
    { username: "alice", password: PASSWORD },
    { username: "bob", password: PASSWORD },
  ],
  rooms: [{ title: "General" }, { title: "Random" }, { title: "Staff corner", staffOnly: true }],
};
