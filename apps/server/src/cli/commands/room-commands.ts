import type { Command } from "commander";
import { OPERATOR } from "../../access/operator.ts";
import { getVisibleRoom } from "../../access/visible-room.ts";
import { type ChangeRoom, changeRoom, createRoom, deleteRoom, listRooms } from "../../rooms/index.ts";
import { askYes, checked } from "../questions.ts";
import { onOrOff } from "../switches.ts";
import { CalledWrongly, CommandFailed, canAsk, printable, say, sayJson, sayTable, type Terminal } from "../terminal.ts";
import { withChat } from "../with-chat.ts";

const yes = (flag: boolean): string => (flag ? "yes" : "");
const ROOM = "the room's number or id";

export function roomCommands(program: Command, terminal: Terminal): void {
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
        if (json) return sayJson(terminal, rooms);
        const head = ["NUMBER", "TITLE", "STAFF ONLY", "ARCHIVED", "EVENTS", "TOPIC"];
        const rows = rooms.map(({ number, title, staffOnly, archived, lastSeq, topic }) => [
          String(number),
          title,
          yes(staffOnly),
          yes(archived),
          String(lastSeq),
          topic,
        ]);
        sayTable(terminal, head, rows);
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
          title: checked(fields.title, "title", title),
          topic: options.topic === undefined ? undefined : checked(fields.topic, "--topic", options.topic),
          staffOnly: options.staffOnly,
        });
        say(terminal, `made room ${made.number}: ${printable(made.title)}`);
      }),
    );

  const change = (address: string, changes: ChangeRoom["changes"], done: string) =>
    withChat(terminal, async ({ context }) => {
      const changed = await changeRoom(context, OPERATOR, { room: address, changes });
      say(terminal, `room ${changed.number} (${printable(changed.title)}) ${done}`);
    });

  room
    .command("rename")
    .description("give a room another title")
    .argument("<room>", ROOM)
    .argument("<title>")
    .action((address: string, title: string) =>
      withChat(terminal, async ({ context, schemas: { fields } }) => {
        const changes = { title: checked(fields.title, "title", title) };
        const changed = await changeRoom(context, OPERATOR, { room: address, changes });
        say(terminal, `room ${changed.number} is called ${printable(changed.title)}`);
      }),
    );

  room
    .command("topic")
    .description("give a room a topic; an empty one takes it away")
    .argument("<room>", ROOM)
    .argument("<text>")
    .action((address: string, text: string) =>
      withChat(terminal, async ({ context, schemas: { fields } }) => {
        const changes = { topic: checked(fields.topic, "topic", text) };
        const changed = await changeRoom(context, OPERATOR, { room: address, changes });
        say(terminal, `room ${changed.number} ${changed.topic === "" ? "has no topic" : "has a new topic"}`);
      }),
    );

  room
    .command("staff-only")
    .description("close a room to everybody but staff, or open it")
    .argument("<room>", ROOM)
    .argument("[on|off]", "", "on")
    .action((address: string, word: string) => {
      const staffOnly = onOrOff(word);
      return change(address, { staffOnly }, staffOnly ? "is for staff only" : "is for everybody");
    });

  room
    .command("archive")
    .description("keep a room for reading only")
    .argument("<room>", ROOM)
    .action((address: string) => change(address, { archived: true }, "is archived"));

  room
    .command("unarchive")
    .description("open an archived room again")
    .argument("<room>", ROOM)
    .action((address: string) => change(address, { archived: false }, "is open again"));

  room
    .command("delete")
    .description("delete a room; asks first")
    .argument("<room>", ROOM)
    .option("--yes", "do not ask")
    .action((address: string, { yes: sure }: { yes?: boolean }) =>
      withChat(terminal, async ({ context }) => {
        const found = await getVisibleRoom(context, OPERATOR, address);
        const named = `room ${found.number} (${printable(found.title)})`;
        if (sure !== true) {
          if (!canAsk(terminal)) throw new CalledWrongly("expected --yes: there is no terminal to ask on");
          if (!(await askYes(terminal, `Delete ${named}? Its number is never given again.`))) {
            throw new CommandFailed("nothing was deleted");
          }
        }
        await deleteRoom(context, OPERATOR, { room: found.id });
        say(terminal, `deleted ${named}`);
      }),
    );
}
