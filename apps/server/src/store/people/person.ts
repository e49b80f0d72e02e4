export interface PersonRow {
  readonly id: string;
  /** As it was entered; compared by `usernameKey`. */
  readonly username: string;
  readonly email: string;
  readonly staff: boolean;
  readonly superuser: boolean;
  readonly active: boolean;
  /** Whether the user has to choose a new password before anything else. */
  readonly passwordChangeRequired: boolean;
  readonly createdAt: number;
}

export interface NewPerson {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  /** The password's hash. */
  readonly password: string;
  readonly staff: boolean;
  readonly superuser: boolean;
  readonly passwordChangeRequired: boolean;
}

export interface PersonPatch {
  readonly username?: string;
  readonly staff?: boolean;
  readonly superuser?: boolean;
  readonly active?: boolean;
  /** The new password's hash. */
  readonly password?: string;
  readonly passwordChangeRequired?: boolean;
}

export type PersonRefusal = "taken" | "confusable" | "last-superuser" | "unknown";
