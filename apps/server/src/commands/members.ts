import type { Author } from "@multichat/protocol";
import type { Account, Actor } from "../accounts/accounts.ts";
import type { Target } from "../policies/members.ts";
import type { MemberChanged, StoredRoom } from "../store/store.ts";
import type { Context } from "./context.ts";
import { Refusal } from "./refusal.ts";

/** By id or username; deactivated accounts too. @throws Refusal PERSON_NOT_FOUND. */
export async function findPerson({ accounts }: Pick<Context, "accounts">, person: string): Promise<Account> {
  const account = await accounts.find(person);
  if (account === undefined) throw new Refusal("PERSON_NOT_FOUND");
  return account;
}

/** Whether an address of a person (id or username) is the actor's own. */
export function isSelf(actor: Actor, account: Pick<Account, "id">): boolean {
  return actor.id === account.id;
}

export function authorOf({ id, username }: Author): Author {
  return { id, username };
}

/** The person, as the policies look at somebody that something is done to. */
export function targetIn(room: StoredRoom, { id, staff }: Pick<Account, "id" | "staff">): Target {
  return { id, staff, owner: room.roles.get(id) === "owner" };
}

/**
 * Tells what became of somebody's membership: first that person, who hears the room from now on or does so no more, then the room.
 * @throws Refusal MEMBER_BANNED, LAST_OWNER; ROOM_INVALID for a room that was deleted meanwhile.
 */
export async function tellMembership(
  { store, broadcasts }: Pick<Context, "store" | "broadcasts">,
  user: string,
  changed: MemberChanged,
): Promise<{ readonly seq: number }> {
  switch (changed.outcome) {
    case "unknown":
      throw new Refusal("ROOM_INVALID");
    case "banned":
      throw new Refusal("MEMBER_BANNED");
    case "last-owner":
      throw new Refusal("LAST_OWNER");
    case "changed": {
      const { room, event, seq } = changed;
      if (event !== undefined) {
        const member = await store.members.of(room.id, user);
        await broadcasts.memberAltered(room, user, member ?? null);
        await broadcasts.loggedOnce(room, event);
        await broadcasts.settled();
      }
      return { seq };
    }
  }
}
