import { NOTICE_KINDS, type NoticeKind } from "@multichat/protocol";
import { type Command, Option } from "commander";
import { OPERATOR } from "../../access/operator.ts";
import { getVisibleRoom } from "../../access/visible-room.ts";
import { postNotice } from "../../messages/index.ts";
import { parseField } from "../questions.ts";
import { print, stripControlCharacters, type Terminal } from "../terminal.ts";
import { withChat } from "../with-chat.ts";

export function addNoticeCommand(program: Command, terminal: Terminal): void {
  program
    .command("notice")
    .description("post a notice in a room; it is stored in the room's log and appears on every open page")
    .requiredOption("--room <room>", "the room's number or id")
    .addOption(new Option("--kind <kind>", "the kind of notice").choices([...NOTICE_KINDS]).default("warning"))
    .option("--id <id>", "an idempotency key; a repeated id posts nothing")
    .argument("<text>")
    .addHelpText(
      "after",
      `
Examples:
  multichat notice --room 1 "Maintenance at six"
  multichat notice --room 1 --kind alert "The building is closed today"
  multichat notice --room 1 --kind muted "Backup done" --id backup-2026-08-01

Runs on any machine that can open the database. Servers on it show the notice within a moment.`,
    )
    .action((text: string, options: { room: string; kind: NoticeKind; id?: string }) =>
      withChat(terminal, async ({ context, schemas: { fields } }) => {
        const body = parseField(fields.body, "text", text);
        const clientId = options.id === undefined ? undefined : parseField(fields.clientId, "--id", options.id);
        const room = await getVisibleRoom(context, OPERATOR, options.room);
        const { seq } = await postNotice(context, OPERATOR, {
          room: room.id,
          kind: options.kind,
          text: body,
          clientId,
        });
        print(terminal, `posted in room ${room.number} (${stripControlCharacters(room.title)}) with seq ${seq}`);
      }),
    );
}
