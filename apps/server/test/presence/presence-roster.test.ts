import { afterEach, expect, test } from "vitest";
import { type PresenceGroups, PresenceRoster } from "../../src/presence/presence-roster.ts";

type Listener = Parameters<PresenceGroups["watch"]>[1];

/** The groups as Redis reports them; nothing is sent anywhere. */
function foreignGroups(members: readonly string[] = []) {
  const listeners = new Map<string, Listener>();
  const groups: PresenceGroups = {
    join: async () => {},
    leave: async () => {},
    disconnect: async () => {},
    has: async () => false,
    watch: async (group, listener) => {
      listeners.set(group, listener);
      return { members: group === "presence.online" ? members : [], stop: async () => {} };
    },
    close: async () => {},
  };
  const report = (joined: readonly string[], left: readonly string[] = []) =>
    listeners.get("presence.online")?.({ joined, left });
  return { groups, report };
}

const rosters: PresenceRoster[] = [];
afterEach(async () => {
  for (const roster of rosters.splice(0)) await roster.close();
});

async function rosterOf(groups: PresenceGroups, maxUsers: number): Promise<PresenceRoster> {
  const roster = new PresenceRoster(groups, {
    maxUsers,
    onChange: () => {},
    onError: (error) => {
      throw error;
    },
    isText: (text) => text.length <= 10,
  });
  rosters.push(roster);
  // Until the members that were there at the beginning have been read.
  await new Promise((resolve) => setImmediate(resolve));
  return roster;
}

const users = (count: number) => Array.from({ length: count }, (_, i) => `user${i}`);
const online = (roster: PresenceRoster, names: readonly string[]) => names.filter((name) => roster.has("online", name));

test.each([1, 2, 10, 500])("at most %i users of a status are taken from other processes", async (maxUsers) => {
  const { groups, report } = foreignGroups(users(maxUsers + 20));
  const roster = await rosterOf(groups, maxUsers);
  const all = users(3 * maxUsers + 20);
  expect(online(roster, all)).toHaveLength(maxUsers);
  report(all);
  report(all.map((name) => `${name} lunch`));
  expect(online(roster, all)).toHaveLength(maxUsers);
  report([], ["user0", "user0 lunch"]);
  report(["late"]);
  expect(roster.has("online", "late"), "there is a place again").toBe(true);
});

test("users of this process are added whatever others report", async () => {
  const { groups, report } = foreignGroups();
  const roster = await rosterOf(groups, 3);
  report(users(50));
  await roster.join("online", "own", "", "channel");
  expect(roster.has("online", "own")).toBe(true);
  expect(online(roster, users(50))).toHaveLength(3);
});

test("the texts of one user are bounded, and the user still leaves with the last", async () => {
  const { groups, report } = foreignGroups();
  const roster = await rosterOf(groups, 10);
  const members = Array.from({ length: 5_000 }, (_, i) => `alice t${i}`);
  report(members);
  expect(roster.text("online", "alice")).toBe("t99");
  report([], members.slice(0, 100));
  expect(roster.has("online", "alice")).toBe(false);
});

test.each([
  ["an empty id", ""],
  ["a text without an id", " lunch"],
  ["an id of 65 characters", "x".repeat(65)],
  ["an id of a megabyte", "x".repeat(1_000_000)],
  ["a text that nobody can set", `alice ${"x".repeat(11)}`],
])("%s is not taken", async (_, member) => {
  const { groups, report } = foreignGroups();
  const roster = await rosterOf(groups, 10);
  report([member]);
  expect(roster.has("online", member.split(" ", 1)[0] ?? "")).toBe(false);
});
