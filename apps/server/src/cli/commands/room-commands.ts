import type { Command } from "commander";
import { OPERATOR } from "../../access/operator.ts";
import { getVisibleRoom } from "../../access/visible-room.ts";
import { type ChangeRoom, changeRoom, createRoom, deleteRoom, listRooms } from "../../rooms/index.ts";
import { parseSwitch } from "../parse-switch.ts";
import { askConfirmation, parseField } from "../questions.ts";
import {
  CommandFailed,
  isInteractive,
  print,
  printJson,
  printTable,
  stripControlCharacters,
  type Terminal,
  UsageError,
} from "../terminal.ts";
import { withChat } from "../with-chat.ts";

const formatFlag = (flag: boolean): string => (flag ? "yes" : "");
const ROOM_ARGUMENT = "the room's number or id";

export function addRoomCommands(program: Command, terminal: Terminal): void {
  const room = program
    .command("room")
    .description("list, create, change and delete rooms")
    .addHelpText(
      "after",
      `
Examples:
  multichat room list
  multichat room create General --topic "Everything and nothing"
  multichat room create Office --staff-only
  multichat room rename 1 Lobby
  multichat room staff-only 2 off
  multichat room delete 3 --yes`,
    );

  room
    .command("list")
    .description("list all rooms")
    .option("--json", "print JSON")
    .action(({ json }: { json?: boolean }) =>
      withChat(terminal, async ({ context }) => {
        // Unread counts belong to a user; the operator has none.
        const rooms = (await listRooms(context, OPERATOR)).map(({ unread: _, mentions: __, ...rest }) => rest);
        if (json) return printJson(terminal, rooms);
        const head = ["NUMBER", "TITLE", "STAFF ONLY", "ARCHIVED", "EVENTS", "TOPIC"];
        const rows = rooms.map(({ number, title, staffOnly, archived, lastSeq, topic }) => [
          String(number),
          title,
          formatFlag(staffOnly),
          formatFlag(archived),
          String(lastSeq),
          topic,
        ]);
        printTable(terminal, head, rows);
      }),
    );

  room
    .command("create")
    .description("create a room")
    .argument("<title>")
    .option("--topic <text>", "the topic of the room")
    .option("--staff-only", "visible to staff only")
    .action((title: string, options: { topic?: string; staffOnly?: boolean }) =>
      withChat(terminal, async ({ context, schemas: { fields } }) => {
        const created = await createRoom(context, OPERATOR, {
          title: parseField(fields.title, "title", title),
          topic: options.topic === undefined ? undefined : parseField(fields.topic, "--topic", options.topic),
          staffOnly: options.staffOnly,
        });
        print(terminal, `created room ${created.number}: ${stripControlCharacters(created.title)}`);
      }),
    );

  const change = (address: string, changes: ChangeRoom["changes"], done: string) =>
    withChat(terminal, async ({ context }) => {
      const changed = await changeRoom(context, OPERATOR, { room: address, changes });
      print(terminal, `room ${changed.number} (${stripControlCharacters(changed.title)}) ${done}`);
    });

  room
    .command("rename")
    .description("change the title of a room")
    .argument("<room>", ROOM_ARGUMENT)
    .argument("<title>")
    .action((address: string, title: string) =>
      withChat(terminal, async ({ context, schemas: { fields } }) => {
        const changes = { title: parseField(fields.title, "title", title) };
        const changed = await changeRoom(context, OPERATOR, { room: address, changes });
        print(terminal, `room ${changed.number} is now called ${stripControlCharacters(changed.title)}`);
      }),
    );

  room
    .command("topic")
    .description("change the topic of a room; an empty text removes it")
    .argument("<room>", ROOM_ARGUMENT)
    .argument("<text>")
    .action((address: string, text: string) =>
      withChat(terminal, async ({ context, schemas: { fields } }) => {
        const changes = { topic: parseField(fields.topic, "topic", text) };
        const changed = await changeRoom(context, OPERATOR, { room: address, changes });
        print(terminal, `room ${changed.number} ${changed.topic === "" ? "has no topic" : "has a new topic"}`);
      }),
    );

  room
    .command("staff-only")
    .description("restrict a room to staff, or open it")
    .argument("<room>", ROOM_ARGUMENT)
    .argument("[on|off]", "", "on")
    .action((address: string, word: string) => {
      const staffOnly = parseSwitch(word);
      return change(address, { staffOnly }, staffOnly ? "is for staff only" : "is open to everyone");
    });

  room
    .command("archive")
    .description("make a room read-only")
    .argument("<room>", ROOM_ARGUMENT)
    .action((address: string) => change(address, { archived: true }, "is archived"));

  room
    .command("unarchive")
    .description("make an archived room writable again")
    .argument("<room>", ROOM_ARGUMENT)
    .action((address: string) => change(address, { archived: false }, "is no longer archived"));

  room
    .command("delete")
    .description("delete a room; asks for confirmation")
    .argument("<room>", ROOM_ARGUMENT)
    .option("--yes", "do not ask for confirmation")
    .action((address: string, { yes: isConfirmed }: { yes?: boolean }) =>
      withChat(terminal, async ({ context }) => {
        const found = await getVisibleRoom(context, OPERATOR, address);
        const label = `room ${found.number} (${stripControlCharacters(found.title)})`;
        if (isConfirmed !== true) {
          if (!isInteractive(terminal)) throw new UsageError("expected --yes: there is no terminal to ask on");
          if (!(await askConfirmation(terminal, `Delete ${label}? Its number is never reused.`))) {
            throw new CommandFailed("nothing was deleted");
          }
        }
        await deleteRoom(context, OPERATOR, { room: found.id });
        print(terminal, `deleted ${label}`);
      }),
    );
}
