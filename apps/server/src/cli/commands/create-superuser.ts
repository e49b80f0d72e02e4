import type { Command } from "commander";
import { OPERATOR } from "../../access/operator.ts";
import { createPerson } from "../../people/index.ts";
import { askText, parseField, readNewPassword } from "../questions.ts";
import { isInteractive, print, type Terminal, UsageError } from "../terminal.ts";
import { withChat } from "../with-chat.ts";

interface Options {
  readonly username?: string;
  readonly email?: string;
  readonly passwordStdin?: boolean;
}

export function addCreateSuperuserCommand(program: Command, terminal: Terminal): void {
  program
    .command("createsuperuser")
    .description("make an account that may do everything; asks for what is not given")
    .option("--username <name>", "its username")
    .option("--email <address>", "its email address")
    .option("--password-stdin", "take the password from stdin")
    .addHelpText(
      "after",
      `
Examples:
  multichat createsuperuser
  printf '%s' "$WORD" | multichat createsuperuser --username admin --email admin@example.org --password-stdin`,
    )
    .action((options: Options) =>
      withChat(terminal, async ({ context, schemas }) => {
        const { fields } = schemas;
        // With the password on stdin nobody can answer there: what is not given is then left out.
        const asking = options.passwordStdin !== true && isInteractive(terminal);
        if (options.username === undefined && !asking) {
          throw new UsageError("expected --username: there is no terminal to ask on");
        }
        const username =
          options.username === undefined
            ? await askText(terminal, "Username", fields.username)
            : parseField(fields.username, "--username", options.username);
        const given =
          options.email ??
          (asking ? await askText(terminal, "Email (may stay empty)", fields.email, { optional: true }) : "");
        const email = given === "" ? undefined : parseField(fields.email, "--email", given);
        const password = await readNewPassword(terminal, options, schemas);
        const person = await createPerson(context, OPERATOR, {
          username,
          email,
          password,
          staff: true,
          superuser: true,
        });
        print(terminal, `made the superuser ${person.username}`);
      }),
    );
}
