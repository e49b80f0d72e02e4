import { commands, getLayer, protocolConsumer, protocolGroup, route } from "@multichat/channels";
import {
  type CommandArguments,
  type CommandReply,
  commandError,
  defineProtocol,
  type EventContent,
  unchecked,
} from "@multichat/channels/protocol";
import { z } from "zod";

// Programs that must compile, and lines that must not. `tsc -p tsconfig.test.json` checks this file; nothing runs it.

interface Person {
  readonly name: string;
}

const protocol = defineProtocol({
  commands: {
    "note.add": { input: z.object({ text: z.string(), at: z.coerce.number() }), reply: z.object({ id: z.string() }) },
    "note.clear": { input: z.object({}) },
  },
  // An interface is a payload, too.
  events: { "note.added": z.object({ text: z.string() }), "person.came": unchecked<Person>() },
  errors: { NOTES_FULL: "There are too many notes." },
});

// @ts-expect-error the frame of a command has a key "id" of its own
defineProtocol({ commands: { "note.get": { input: z.object({ id: z.string() }) } } });
// @ts-expect-error the frame of an event has a key "on" of its own
defineProtocol({ commands: {}, events: { "note.got": z.object({ on: z.boolean() }) } });
// @ts-expect-error keys with a dollar are the framework's
defineProtocol({ commands: {}, events: { "note.got": unchecked<{ $position: number }>() } });

class Notes extends protocolConsumer(protocol)<{ user: Person }, { "notes.closed": { reason: string } }> {
  readonly #limit = 3;
  static override commands = commands<Notes>({
    "note.add": {
      concurrent: true,
      timeoutMs: 1_000,
      async run(consumer, { text, at }, call) {
        const when: number = at;
        // @ts-expect-error the input has no such member
        const missing = text.missing;
        if (when > consumer.#limit) throw call.error("NOTES_FULL", { message: missing });
        // @ts-expect-error the protocol declares no such error
        call.error("NOTES_EMPTY");
        await consumer.group("notes").send("note.added", { text });
        // @ts-expect-error the payload has another form
        await consumer.group("notes").send("note.added", { txt: text });
        // @ts-expect-error the protocol declares no such event
        await consumer.group("notes").send("note.lost", { text });
        consumer.emit("person.came", { name: consumer.scope.user.name });
        return { id: call.id.toString() };
      },
    },
    "note.clear": () => {},
  });
  notesClosed({ reason }: { readonly reason: string }): void {
    this.close(1000, reason);
  }
}
route("/notes", Notes);

class LacksMethod extends protocolConsumer(protocol)<{ user: Person }, { "notes.closed": { reason: string } }> {
  static override commands = commands<LacksMethod>({ "note.add": () => ({ id: "1" }), "note.clear": () => {} });
}
// @ts-expect-error "notes.closed" has neither an encoder nor a method
route("/notes", LacksMethod);

class LacksCommand extends protocolConsumer(protocol) {
  // @ts-expect-error Property '"note.clear"' is missing
  static override commands = commands<LacksCommand>({ "note.add": () => ({ id: "1" }) });
}
class WrongReply extends protocolConsumer(protocol) {
  static override commands = commands<WrongReply>({
    // @ts-expect-error Type 'number' is not assignable to type 'string'
    "note.add": () => ({ id: 1 }),
    "note.clear": () => {},
  });
}
class NotDeclared extends protocolConsumer(protocol) {
  static override commands = commands<NotDeclared>({
    "note.add": () => ({ id: "1" }),
    "note.clear": () => {},
    // @ts-expect-error '"note.find"' does not exist
    "note.find": () => {},
  });
}

export { LacksCommand, NotDeclared, WrongReply };

// What a client sends, and what it gets.
export const args: CommandArguments<typeof protocol, "note.add"> = { text: "a", at: "3" };
export const reply: CommandReply<typeof protocol, "note.add"> = { id: "1" };
export const event: EventContent<typeof protocol, "note.added"> = { text: "a" };
// @ts-expect-error the command has no such parameter
export const wrong: CommandArguments<typeof protocol, "note.clear"> = { all: true };

void protocolGroup(protocol, getLayer(), "notes").send("note.added", { text: "a" });
// @ts-expect-error the payload has another form
void protocolGroup(protocol, getLayer(), "notes").send("note.added", { text: 1 });
commandError(protocol, "NOTES_FULL");
// @ts-expect-error the protocol declares no such error
commandError(protocol, "NOTES_GONE");
