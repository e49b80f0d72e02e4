import type { WebSocketScope } from "@multichat/channels";

export interface User {
  readonly username: string;
  readonly isStaff: boolean;
}

/** Trusts the name in the cookie, with "admin" as staff: this example is about chat, not about accounts. */
export function authenticate({ cookies }: WebSocketScope): User | undefined {
  const username = cookies.get("name") ?? "";
  return /^[\p{L}\p{N}_.-]{1,30}$/u.test(username) ? { username, isStaff: username === "admin" } : undefined;
}
