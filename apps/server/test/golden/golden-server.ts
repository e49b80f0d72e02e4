import { TestChat } from "../support/chat-server.ts";

const title = (number: number): string => {
  const titles: Readonly<Record<number, string>> = { 1: "General", 2: "Random", 3: "Staff only", 60: "Temp" };
  return titles[number] ?? `Room ${number}`;
};

/** Starts a server with the fixtures of the recording: the users that its cases use, and sixty rooms. */
export function startGoldenServer(
  { notify }: { readonly notify: boolean },
  env: Readonly<Record<string, string>> = {},
): Promise<TestChat> {
  return TestChat.start({
    people: [
      { username: "admin", staff: true, superuser: true },
      { username: "alice" },
      { username: "bob" },
      { username: "u180", staff: true },
      { username: "u181" },
      { username: "u182" },
      { username: "u183" },
      { username: "bystander" },
    ],
    rooms: Array.from({ length: 60 }, (_, index) => ({ title: title(index + 1), staffOnly: index + 1 === 3 })),
    env: { NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS: String(notify), LIMIT_COMMANDS_PER_SECOND: "10000", ...env },
  });
}
