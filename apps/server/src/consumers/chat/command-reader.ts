import type { Command, CommandName, ErrorCode } from "@multichat/protocol";
import type { Schemas } from "@multichat/protocol/schemas";
import { Refusal } from "../../access/refusal.ts";

/** A frame of `multichat.v1`: a command, or why it is none; `id` is null where it could not be read. */
export type ReadCommand =
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "refused"; readonly id: number | null; readonly refusal: Refusal };

const MAX_ISSUES = 10;

/** The member that a command is about: where that alone is wrong, the code says so. */
const FIELD_ERRORS: { readonly [N in CommandName]?: { readonly member: string; readonly code: ErrorCode } } = {
  "message.send": { member: "body", code: "MESSAGE_INVALID" },
  "message.edit": { member: "body", code: "MESSAGE_INVALID" },
  "message.search": { member: "query", code: "SEARCH_INVALID" },
};

/** The command's own id, as far as there is one: a frame that is answered RATE_LIMITED is told which one it was. */
export function readCommandId(frame: unknown): number | null {
  if (typeof frame !== "object" || frame === null) return null;
  const { id } = frame as { id?: unknown };
  return typeof id === "number" && Number.isSafeInteger(id) && id >= 0 ? id : null;
}

/** @returns what stood in the frame; undefined where that was no JSON, which no JSON text can mean. */
export function parseFrame(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function readCommand(schemas: Schemas["commands"], frame: unknown): ReadCommand {
  if (typeof frame !== "object" || frame === null || Array.isArray(frame)) {
    return reject(null, new Refusal("COMMAND_INVALID", 'Expected a JSON object such as {"id":1,"do":"room.list"}.'));
  }
  const id = readCommandId(frame);
  if (id === null) {
    return reject(null, new Refusal("COMMAND_INVALID", "Expected an id: a whole number, not below 0."));
  }
  const { do: name } = frame as { do?: unknown };
  if (typeof name !== "string") return reject(id, new Refusal("COMMAND_INVALID", "Expected the command's name in do."));
  if (!isCommandName(schemas, name)) return reject(id, new Refusal("COMMAND_UNKNOWN"));
  const parsed = schemas[name].safeParse(frame);
  // The protocol holds each schema to its command's type; optional members left out and undefined are one here.
  if (parsed.success) return { kind: "command", command: parsed.data as Command };
  return reject(id, toRefusal(name, parsed.error.issues));
}

function isCommandName(schemas: Schemas["commands"], name: string): name is CommandName {
  return Object.hasOwn(schemas, name);
}

function toRefusal(
  name: CommandName,
  found: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): Refusal {
  const issues = found.slice(0, MAX_ISSUES).map(({ path, message }) => ({ path: path.join("."), message }));
  const { member, code } = FIELD_ERRORS[name] ?? {};
  const ofMember = member !== undefined && found.every(({ path }) => path[0] === member);
  const [first] = issues;
  const told = first === undefined ? undefined : `${first.path || name}: ${first.message}`;
  return new Refusal(ofMember && code !== undefined ? code : "COMMAND_INVALID", told, { issues });
}

function reject(id: number | null, refusal: Refusal): ReadCommand {
  return { kind: "refused", id, refusal };
}
