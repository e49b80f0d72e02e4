import { OPERATOR } from "../access/operator.ts";
import { auditSource } from "../accounts/audit-source.ts";
import { explainWeakPassword } from "../accounts/password-policy.ts";
import type { Context } from "../context.ts";
import { changePerson, listPeople, unwrapAccount, usernameKey } from "../people/index.ts";
import { changeRoom, createRoom, listRooms } from "../rooms/index.ts";

export interface DataUser {
  readonly username: string;
  readonly password: string;
  readonly email?: string | undefined;
  readonly staff?: boolean | undefined;
  readonly superuser?: boolean | undefined;
  readonly passwordChangeRequired?: boolean | undefined;
}

export interface DataRoom {
  readonly title: string;
  readonly topic?: string | undefined;
  readonly staffOnly?: boolean | undefined;
}

export interface LoadData {
  readonly users: readonly DataUser[];
  readonly rooms: readonly DataRoom[];
  /** Called after each user and room. */
  readonly progress: (done: number) => void;
}

export interface LoadCounts {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
}

/** Each argon2 hash takes a thread and tens of megabytes. */
const MAX_CONCURRENT_HASHES = 4;

/**
 * Creates the missing users (by username) and rooms (by title). Rooms are created in order, so that the first room of an empty
 * database is number 1. Existing users and rooms get the flags in the data; passwords are never changed.
 */
export async function loadData(
  context: Context,
  { users, rooms, progress }: LoadData,
): Promise<{ readonly users: LoadCounts; readonly rooms: LoadCounts }> {
  let done = 0;
  const tick = () => {
    done += 1;
    progress(done);
  };
  return { users: await loadUsers(context, users, tick), rooms: await loadRooms(context, rooms, tick) };
}

/**
 * Returns why the passwords of users who do not exist yet would be refused, by the users' index: too short, or easy to guess.
 * Existing users keep their passwords, so those in the data do not matter.
 */
export async function findWeakPasswords(
  context: Context,
  users: readonly DataUser[],
): Promise<ReadonlyMap<number, string>> {
  const existing = new Set((await listPeople(context, OPERATOR)).map(({ username }) => usernameKey(username)));
  const { passwordMinChars } = context.limits;
  const weak = new Map<number, string>();
  for (const [index, user] of users.entries()) {
    if (existing.has(usernameKey(user.username))) continue;
    const reason =
      user.password.length < passwordMinChars
        ? `expected at least ${passwordMinChars} characters`
        : await explainWeakPassword(user.password, user);
    if (reason !== undefined) weak.set(index, reason);
  }
  return weak;
}

type Outcome = keyof LoadCounts;

function countOutcomes(outcomes: readonly Outcome[]): LoadCounts {
  const count = (outcome: Outcome) => outcomes.filter((other) => other === outcome).length;
  return { created: count("created"), changed: count("changed"), unchanged: count("unchanged") };
}

async function loadUsers(context: Context, users: readonly DataUser[], tick: () => void): Promise<LoadCounts> {
  const existing = new Map(
    (await listPeople(context, OPERATOR)).map((person) => [usernameKey(person.username), person]),
  );
  const load = async (user: DataUser): Promise<Outcome> => {
    const person = existing.get(usernameKey(user.username));
    if (person === undefined) {
      unwrapAccount(await context.accounts.create(user, auditSource(OPERATOR)));
      return "created";
    }
    const superuser = user.superuser ?? person.superuser;
    // A superuser is always staff, whatever the data say.
    const staff = superuser || (user.staff ?? person.staff);
    if (staff === person.staff && superuser === person.superuser) return "unchanged";
    await changePerson(context, OPERATOR, { person: person.id, staff, superuser });
    return "changed";
  };
  const outcomes: Outcome[] = [];
  for (let start = 0; start < users.length; start += MAX_CONCURRENT_HASHES) {
    const batch = users.slice(start, start + MAX_CONCURRENT_HASHES);
    outcomes.push(
      ...(await Promise.all(
        batch.map(async (user) => {
          const outcome = await load(user);
          tick();
          return outcome;
        }),
      )),
    );
  }
  return countOutcomes(outcomes);
}

async function loadRooms(context: Context, rooms: readonly DataRoom[], tick: () => void): Promise<LoadCounts> {
  const existing = new Map((await listRooms(context, OPERATOR)).map((room) => [room.title, room]));
  const outcomes: Outcome[] = [];
  for (const { title, topic, staffOnly } of rooms) {
    const room = existing.get(title);
    if (room === undefined) {
      await createRoom(context, OPERATOR, { title, topic, staffOnly });
      outcomes.push("created");
    } else if ((staffOnly ?? room.staffOnly) === room.staffOnly && (topic ?? room.topic) === room.topic) {
      outcomes.push("unchanged");
    } else {
      await changeRoom(context, OPERATOR, { room: room.id, changes: { topic, staffOnly } });
      outcomes.push("changed");
    }
    tick();
  }
  return countOutcomes(outcomes);
}
