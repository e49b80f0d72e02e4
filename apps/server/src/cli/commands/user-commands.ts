import type { Command } from "commander";
import { OPERATOR } from "../../access/operator.ts";
import { type ChangePerson, changePerson, createPerson, listPeople, signOutPerson } from "../../people/index.ts";
import { parseSwitch } from "../parse-switch.ts";
import { parseField, readNewPassword } from "../questions.ts";
import { print, printJson, printTable, type Terminal } from "../terminal.ts";
import { withChat } from "../with-chat.ts";

const formatFlag = (flag: boolean): string => (flag ? "yes" : "");

export function addUserCommands(program: Command, terminal: Terminal): void {
  const user = program
    .command("user")
    .description("people: list, create, change, sign out")
    .addHelpText(
      "after",
      `
Examples:
  multichat user list --json
  multichat user create alice --staff
  printf '%s' "$WORD" | multichat user create bob --password-stdin
  multichat user password bob
  multichat user staff bob off
  multichat user deactivate bob`,
    );

  user
    .command("list")
    .description("everybody who has an account")
    .option("--json", "as JSON")
    .action(({ json }: { json?: boolean }) =>
      withChat(terminal, async ({ context }) => {
        const people = await listPeople(context, OPERATOR);
        if (json) return printJson(terminal, people);
        const head = ["USERNAME", "EMAIL", "STAFF", "SUPERUSER", "ACTIVE", "SINCE"];
        const rows = people.map(({ username, email, staff, superuser, active, createdAt }) => [
          username,
          email ?? "",
          formatFlag(staff),
          formatFlag(superuser),
          formatFlag(active),
          new Date(createdAt).toISOString().slice(0, 10),
        ]);
        printTable(terminal, head, rows);
      }),
    );

  user
    .command("create")
    .description("make an account; asks for the password")
    .argument("<username>")
    .option("--email <address>", "an email address")
    .option("--staff", "may manage rooms and people")
    .option("--superuser", "may do everything; is staff too")
    .option("--password-stdin", "take the password from stdin")
    .action(
      (username: string, options: { email?: string; staff?: boolean; superuser?: boolean; passwordStdin?: boolean }) =>
        withChat(terminal, async ({ context, schemas }) => {
          const { fields } = schemas;
          const name = parseField(fields.username, "username", username);
          const email = options.email === undefined ? undefined : parseField(fields.email, "--email", options.email);
          const password = await readNewPassword(terminal, options, schemas);
          const { staff, superuser } = options;
          const person = await createPerson(context, OPERATOR, { username: name, password, email, staff, superuser });
          print(terminal, `made ${person.username}`);
        }),
    );

  user
    .command("password")
    .description("set a new password; ends the account's sessions")
    .argument("<username>")
    .option("--password-stdin", "take the password from stdin")
    .action((username: string, options: { passwordStdin?: boolean }) =>
      withChat(terminal, async ({ context, schemas }) => {
        const password = await readNewPassword(terminal, options, schemas);
        const person = await changePerson(context, OPERATOR, { person: username, password });
        print(terminal, `${person.username} has a new password`);
      }),
    );

  const change = (username: string, changes: Omit<ChangePerson, "person">, done: string) =>
    withChat(terminal, async ({ context }) => {
      const person = await changePerson(context, OPERATOR, { ...changes, person: username });
      print(terminal, `${person.username} ${done}`);
    });

  user
    .command("staff")
    .description("give the staff flag, or take it")
    .argument("<username>")
    .argument("[on|off]", "", "on")
    .action((username: string, word: string) => {
      const staff = parseSwitch(word);
      return change(username, { staff }, staff ? "is staff" : "is not staff");
    });

  user
    .command("superuser")
    .description("give the superuser flag, or take it")
    .argument("<username>")
    .argument("[on|off]", "", "on")
    .action((username: string, word: string) => {
      const superuser = parseSwitch(word);
      return change(username, { superuser }, superuser ? "is a superuser" : "is not a superuser");
    });

  user
    .command("activate")
    .description("let somebody in again")
    .argument("<username>")
    .action((username: string) => change(username, { active: true }, "is active"));

  user
    .command("deactivate")
    .description("shut somebody out; ends their sessions and closes their connections")
    .argument("<username>")
    .action((username: string) => change(username, { active: false }, "is deactivated"));

  user
    .command("sign-out")
    .description("end all of somebody's sessions")
    .argument("<username>")
    .action((username: string) =>
      withChat(terminal, async ({ context }) => {
        await signOutPerson(context, OPERATOR, { person: username });
        print(terminal, `${username} is signed out everywhere`);
      }),
    );
}
