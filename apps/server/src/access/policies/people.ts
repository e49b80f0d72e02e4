/** The part of an actor that rights over people hang on. */
export interface PeopleManager {
  readonly staff: boolean;
  readonly superuser: boolean;
}

/** The part of an account that decides who may touch it. */
export interface ManagedPerson {
  readonly superuser: boolean;
}

/** What somebody wants to set; undefined: not mentioned. */
export interface PersonFlags {
  readonly staff?: boolean | undefined;
  readonly superuser?: boolean | undefined;
}

export function canSeePeople(actor: PeopleManager): boolean {
  return actor.staff;
}

/** Staff make ordinary accounts; an account with a flag is a superuser's to make. */
export function canCreatePerson(actor: PeopleManager, flags: PersonFlags): boolean {
  return actor.staff && (actor.superuser || (flags.staff !== true && flags.superuser !== true));
}

/**
 * Staff look after ordinary and staff accounts. The flags are a superuser's to touch, even to the value that they have
 * already; so is everything of a superuser's account: its password or name would be a way to become one.
 */
export function canChangePerson(actor: PeopleManager, person: ManagedPerson, flags: PersonFlags): boolean {
  if (actor.superuser) return true;
  return actor.staff && !person.superuser && flags.staff === undefined && flags.superuser === undefined;
}

/** Ending all of somebody's sessions: as for any other change of the account. */
export function canSignOutPerson(actor: PeopleManager, person: ManagedPerson): boolean {
  return canChangePerson(actor, person, {});
}
