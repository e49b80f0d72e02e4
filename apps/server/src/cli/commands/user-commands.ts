import type { Command } from "commander";
import { OPERATOR } from "../../access/operator.ts";
import {
  type ChangePerson,
  changePerson,
  createPerson,
  createResetLink,
  listPeople,
  signOutPerson,
} from "../../people/index.ts";
import { linkTo } from "../link-to.ts";
import { parseSwitch } from "../parse-switch.ts";
import { parseField, readNewPassword } from "../questions.ts";
import { print, printJson, printTable, type Terminal } from "../terminal.ts";
import { withChat } from "../with-chat.ts";

const formatFlag = (flag: boolean): string => (flag ? "yes" : "");

export function addUserCommands(program: Command, terminal: Terminal): void {
  const user = program
    .command("user")
    .description("list, create, change and sign out users")
    .addHelpText(
      "after",
      `
Examples:
  multichat user list --json
  multichat user create alice --staff
  printf '%s' "$PASSWORD" | multichat user create bob --password-stdin
  multichat user password bob
  multichat user reset-link bob
  multichat user staff bob off
  multichat user deactivate bob`,
    );

  user
    .command("list")
    .description("list all accounts")
    .option("--json", "print JSON")
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
    .description("create an account; asks for the password")
    .argument("<username>")
    .option("--email <address>", "an email address")
    .option("--staff", "can manage rooms and users")
    .option("--superuser", "can do everything; includes staff")
    .option("--password-stdin", "read the password from stdin")
    .action(
      (username: string, options: { email?: string; staff?: boolean; superuser?: boolean; passwordStdin?: boolean }) =>
        withChat(terminal, async ({ context, schemas }) => {
          const { fields } = schemas;
          const name = parseField(fields.username, "username", username);
          const email = options.email === undefined ? undefined : parseField(fields.email, "--email", options.email);
          const password = await readNewPassword(terminal, options, schemas);
          const { staff, superuser } = options;
          const person = await createPerson(context, OPERATOR, { username: name, password, email, staff, superuser });
          print(terminal, `created ${person.username}`);
        }),
    );

  user
    .command("password")
    .description("set a new password; ends the account's sessions")
    .argument("<username>")
    .option("--password-stdin", "read the password from stdin")
    .action((username: string, options: { passwordStdin?: boolean }) =>
      withChat(terminal, async ({ context, schemas }) => {
        const password = await readNewPassword(terminal, options, schemas);
        const person = await changePerson(context, OPERATOR, { person: username, password });
        print(terminal, `changed the password of ${person.username}`);
      }),
    );

  user
    .command("reset-link")
    .description("create and print a link by which the user chooses a new password, once, within 24 hours")
    .argument("<username>")
    .action((username: string) =>
      withChat(terminal, async ({ config, context }) => {
        const { token } = await createResetLink(context, OPERATOR, { person: username });
        print(terminal, linkTo(config, "reset", token));
      }),
    );

  const change = (username: string, changes: Omit<ChangePerson, "person">, done: string) =>
    withChat(terminal, async ({ context }) => {
      const person = await changePerson(context, OPERATOR, { ...changes, person: username });
      print(terminal, `${person.username} ${done}`);
    });

  user
    .command("staff")
    .description("grant or revoke the staff flag")
    .argument("<username>")
    .argument("[on|off]", "", "on")
    .action((username: string, word: string) => {
      const staff = parseSwitch(word);
      return change(username, { staff }, staff ? "is staff" : "is not staff");
    });

  user
    .command("superuser")
    .description("grant or revoke the superuser flag")
    .argument("<username>")
    .argument("[on|off]", "", "on")
    .action((username: string, word: string) => {
      const superuser = parseSwitch(word);
      return change(username, { superuser }, superuser ? "is a superuser" : "is not a superuser");
    });

  user
    .command("activate")
    .description("reactivate an account")
    .argument("<username>")
    .action((username: string) => change(username, { active: true }, "is active"));

  user
    .command("deactivate")
    .description("deactivate an account; ends its sessions and closes its connections")
    .argument("<username>")
    .action((username: string) => change(username, { active: false }, "is deactivated"));

  user
    .command("sign-out")
    .description("end all sessions of an account")
    .argument("<username>")
    .action((username: string) =>
      withChat(terminal, async ({ context }) => {
        await signOutPerson(context, OPERATOR, { person: username });
        print(terminal, `${username} is signed out everywhere`);
      }),
    );
}
