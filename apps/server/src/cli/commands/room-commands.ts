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
    .description("rooms: list, create, change, delete")
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
    .description("every room")
    .option("--json", "as JSON")
    .action(({ json }: { json?: boolean }) =>
      withChat(terminal, async ({ context }) => {
        // Unread counts are a person's; nobody in particular is asking.
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
    .description("make a room")
    .argument("<title>")
    .option("--topic <text>", "what it is about")
    .option("--staff-only", "seen by staff alone")
    .action((title: string, options: { topic?: string; staffOnly?: boolean }) =>
      withChat(terminal, async ({ context, schemas: { fields } }) => {
        const made = await createRoom(context, OPERATOR, {
          title: parseField(fields.title, "title", title),
          topic: options.topic === undefined ? undefined : parseField(fields.topic, "--topic", options.topic),
          staffOnly: options.staffOnly,
        });
        print(terminal, `made room ${made.number}: ${stripControlCharacters(made.title)}`);
      }),
    );

  const change = (address: string, changes: ChangeRoom["changes"], done: string) =>
    withChat(terminal, async ({ context }) => {
      const changed = await changeRoom(context, OPERATOR, { room: address, changes });
      print(terminal, `room ${changed.number} (${stripControlCharacters(changed.title)}) ${done}`);
    });

  room
    .command("rename")
    .description("give a room another title")
    .argument("<room>", ROOM_ARGUMENT)
    .argument("<title>")
    .action((address: string, title: string) =>
      withChat(terminal, async ({ context, schemas: { fields } }) => {
        const changes = { title: parseField(fields.title, "title", title) };
        const changed = await changeRoom(context, OPERATOR, { room: address, changes });
        print(terminal, `room ${changed.number} is called ${stripControlCharacters(changed.title)}`);
      }),
    );

  room
    .command("topic")
    .description("give a room a topic; an empty one takes it away")
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
    .description("close a room to everybody but staff, or open it")
    .argument("<room>", ROOM_ARGUMENT)
    .argument("[on|off]", "", "on")
    .action((address: string, word: string) => {
      const staffOnly = parseSwitch(word);
      return change(address, { staffOnly }, staffOnly ? "is for staff only" : "is for everybody");
    });

  room
    .command("archive")
    .description("keep a room for reading only")
    .argument("<room>", ROOM_ARGUMENT)
    .action((address: string) => change(address, { archived: true }, "is archived"));

  room
    .command("unarchive")
    .description("open an archived room again")
    .argument("<room>", ROOM_ARGUMENT)
    .action((address: string) => change(address, { archived: false }, "is open again"));

  room
    .command("delete")
    .description("delete a room; asks first")
    .argument("<room>", ROOM_ARGUMENT)
    .option("--yes", "do not ask")
    .action((address: string, { yes: sure }: { yes?: boolean }) =>
      withChat(terminal, async ({ context }) => {
        const found = await getVisibleRoom(context, OPERATOR, address);
        const named = `room ${found.number} (${stripControlCharacters(found.title)})`;
        if (sure !== true) {
          if (!isInteractive(terminal)) throw new UsageError("expected --yes: there is no terminal to ask on");
          if (!(await askConfirmation(terminal, `Delete ${named}? Its number is never given again.`))) {
            throw new CommandFailed("nothing was deleted");
          }
        }
        await deleteRoom(context, OPERATOR, { room: found.id });
        print(terminal, `deleted ${named}`);
      }),
    );
}
