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
    .description("create a superuser account; asks for missing values")
    .option("--username <name>", "the username")
    .option("--email <address>", "the email address")
    .option("--password-stdin", "read the password from stdin")
    .addHelpText(
      "after",
      `
Examples:
  multichat createsuperuser
  printf '%s' "$PASSWORD" | multichat createsuperuser --username admin --email admin@example.org --password-stdin`,
    )
    .action((options: Options) =>
      withChat(terminal, async ({ context, schemas }) => {
        const { fields } = schemas;
        // With the password on stdin there are no prompts, so optional values are left out.
        const canPrompt = options.passwordStdin !== true && isInteractive(terminal);
        if (options.username === undefined && !canPrompt) {
          throw new UsageError("expected --username: there is no terminal to ask on");
        }
        const username =
          options.username === undefined
            ? await askText(terminal, "Username", fields.username)
            : parseField(fields.username, "--username", options.username);
        const emailInput =
          options.email ??
          (canPrompt ? await askText(terminal, "Email (optional)", fields.email, { optional: true }) : "");
        const email = emailInput === "" ? undefined : parseField(fields.email, "--email", emailInput);
        const password = await readNewPassword(terminal, options, schemas);
        const person = await createPerson(context, OPERATOR, {
          username,
          email,
          password,
          staff: true,
          superuser: true,
        });
        print(terminal, `created the superuser ${person.username}`);
      }),
    );
}
