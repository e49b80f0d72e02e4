import type { Fixture } from "./chat-server.ts";

export const PASSWORD = "correct horse battery";

/** An administrator, a staff member and two ordinary users; two open rooms and one for staff. */
export const FIXTURE: Fixture = {
  users: [
    { username: "ada", password: PASSWORD, staff: true, superuser: true },
    { username: "grace", password: PASSWORD, staff: true },
    { username: "alice", password: PASSWORD },
    { username: "bob", password: PASSWORD },
  ],
  rooms: [{ title: "General" }, { title: "Random" }, { title: "Staff corner", staffOnly: true }],
};
