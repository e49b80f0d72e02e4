import type { Command } from "commander";
import { OPERATOR } from "../../access/operator.ts";
import { createInvitation, listInvitations, revokeInvitation } from "../../invitations/index.ts";
import { linkTo } from "../link-to.ts";
import { print, printJson, printTable, type Terminal, UsageError } from "../terminal.ts";
import { withChat } from "../with-chat.ts";

const UNITS = { h: 3_600, d: 86_400, w: 604_800 } as const;

export function addInvitationCommands(program: Command, terminal: Terminal): void {
  const invitation = program
    .command("invitation")
    .description("create, list and revoke links by which people create their own accounts")
    .addHelpText(
      "after",
      `
Examples:
  multichat invitation create                       one account, within 7 days
  multichat invitation create --uses 20 --expires 4w --room 3 --room 7
  multichat invitation list
  multichat invitation revoke 0197d3c0-0000-7000-8000-000000000000`,
    );

  invitation
    .command("create")
    .description("create an invitation link and print it; it cannot be printed again")
    .option("--uses <number>", 'how many accounts it creates, or "any"', "1")
    .option("--expires <time>", 'hours, days or weeks such as 12h, 7d or 4w, or "never"', "7d")
    .option("--room <room>", "a room that the accounts become members of; can be repeated", collect, [])
    .option("--staff", "the accounts are staff")
    .option("--json", "print JSON")
    .action((options: { uses: string; expires: string; room: string[]; staff?: boolean; json?: boolean }) =>
      withChat(terminal, async ({ config, context, schemas }) => {
        const given = {
          maxUses: options.uses === "any" ? null : parseUses(options.uses),
          expiresInSeconds: options.expires === "never" ? null : parseTime(options.expires),
          staff: options.staff === true,
          rooms: options.room,
        };
        const parsed = schemas.http.createInvitation.safeParse(given);
        if (!parsed.success) throw new UsageError(parsed.error.issues[0]?.message ?? "expected a valid invitation");
        const { invitation: created, token } = await createInvitation(context, OPERATOR, parsed.data);
        const link = linkTo(config, "invite", token);
        if (options.json) return printJson(terminal, { ...created, link });
        print(terminal, link);
      }),
    );

  invitation
    .command("list")
    .description("list the invitations, the newest first")
    .option("--json", "print JSON")
    .action(({ json }: { json?: boolean }) =>
      withChat(terminal, async ({ context }) => {
        const invitations = await listInvitations(context, OPERATOR);
        if (json) return printJson(terminal, invitations);
        const rows = invitations.map(({ id, state, uses, maxUses, expiresAt, staff, rooms, by }) => [
          id,
          state,
          `${uses}/${maxUses ?? "any"}`,
          expiresAt === null ? "never" : new Date(expiresAt).toISOString().slice(0, 16),
          staff ? "yes" : "",
          rooms.map(({ number }) => number).join(" "),
          by?.username ?? "command line",
        ]);
        printTable(terminal, ["ID", "STATE", "USED", "EXPIRES (UTC)", "STAFF", "ROOMS", "BY"], rows);
      }),
    );

  invitation
    .command("revoke")
    .description("revoke an invitation link; accounts that were created with it stay")
    .argument("<id>")
    .action((id: string) =>
      withChat(terminal, async ({ context }) => {
        await revokeInvitation(context, OPERATOR, { invitation: id });
        print(terminal, "revoked");
      }),
    );
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

function parseUses(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text))
    throw new UsageError(`--uses: expected a number from 1 to 10000, or any, got ${text}`);
  return Number(text);
}

function parseTime(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,3})([hdw])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) {
    throw new UsageError(`--expires: expected hours, days or weeks such as 12h, 7d or 4w, or never, got ${text}`);
  }
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}
