/** The part of an actor that decides which accounts it may manage. */
export interface PeopleManager {
  readonly staff: boolean;
  readonly superuser: boolean;
}

/** The part of an account that decides who may manage it. */
export interface ManagedPerson {
  readonly staff: boolean;
  readonly superuser: boolean;
}

/** The flags of a request; undefined where it leaves a flag as it is. */
export interface PersonFlags {
  readonly staff?: boolean | undefined;
  readonly superuser?: boolean | undefined;
}

export interface PersonChanges extends PersonFlags {
  readonly password?: string | undefined;
}

export function canSeePeople(actor: PeopleManager): boolean {
  return actor.staff;
}

/** Staff create ordinary accounts; only superusers create accounts with a flag. */
export function canCreatePerson(actor: PeopleManager, flags: PersonFlags): boolean {
  return actor.staff && (actor.superuser || (flags.staff !== true && flags.superuser !== true));
}

/**
 * Staff change ordinary and staff accounts. Only a superuser sends flags, even with their current values, or changes anything
 * of a superuser's account: with its password or name, staff could become that superuser. Only a superuser sets the password
 * of a staff account.
 */
export function canChangePerson(actor: PeopleManager, person: ManagedPerson, changes: PersonChanges): boolean {
  if (actor.superuser) return true;
  if (!actor.staff || person.superuser) return false;
  if (changes.password !== undefined && person.staff) return false;
  return changes.staff === undefined && changes.superuser === undefined;
}

/** Who may create an account may also let people create it; see `canCreatePerson`. The same right revokes an invitation. */
export function canManageInvitation(actor: PeopleManager, invitation: { readonly staff: boolean }): boolean {
  return canCreatePerson(actor, { staff: invitation.staff });
}

/** A reset link sets the password of the account. Nobody makes one of their own account: they know the password. */
export function canCreateResetLink(
  actor: PeopleManager & { readonly id: string },
  person: ManagedPerson & { readonly id: string },
): boolean {
  return actor.id !== person.id && canChangePerson(actor, person, { password: "" });
}

/** Ending all sessions of an account takes the same permission as any other change of it. */
export function canSignOutPerson(actor: PeopleManager, person: ManagedPerson): boolean {
  return canChangePerson(actor, person, {});
}
