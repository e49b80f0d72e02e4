import type { WebSocketScope } from "@multichat/channels";

export interface Person {
  readonly username: string;
  readonly staff: boolean;
}

/** Whoever says a name is that person, and "admin" is staff: this example is about chat, not about accounts. */
export function personOf({ cookies }: WebSocketScope): Person | undefined {
  const username = cookies.get("name") ?? "";
  return /^[\p{L}\p{N}_.-]{1,30}$/u.test(username) ? { username, staff: username === "admin" } : undefined;
}
