interface PasswordOwner {
  readonly username: string;
  readonly email?: string | null | undefined;
}
type PasswordWeakness = "username" | "product" | "repetition" | "breached";
declare function findPasswordWeakness(password: string, owner: PasswordOwner, breached: ReadonlySet<string>): PasswordWeakness | undefined;
export { type PasswordOwner, type PasswordWeakness, findPasswordWeakness };