import type { Command, CommandName, ErrorCode } from "@multichat/protocol";
import type { Schemas } from "@multichat/protocol/schemas";
import { isCheapJson } from "../../access/json-bounds.ts";
import { Refusal } from "../../access/refusal.ts";

/** The result of reading a frame: a command or a refusal. `id` is null if it could not be read. */
export type ReadCommand =
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "refused"; readonly id: number | null; readonly refusal: Refusal };

const MAX_ISSUES = 10;
/** A path can contain a key that the client chose, as long as its frame. */
const MAX_PATH_CHARS = 200;

/** Commands with a more specific code for when only this field is invalid. */
const FIELD_ERRORS: { readonly [N in CommandName]?: { readonly field: string; readonly code: ErrorCode } } = {
  "message.send": { field: "body", code: "MESSAGE_INVALID" },
  "message.edit": { field: "body", code: "MESSAGE_INVALID" },
  "message.search": { field: "query", code: "SEARCH_INVALID" },
};

/** Returns the command's id, or null if it has no valid one. */
export function readCommandId(frame: unknown): number | null {
  if (typeof frame !== "object" || frame === null) return null;
  const { id } = frame as { id?: unknown };
  return typeof id === "number" && Number.isSafeInteger(id) && id >= 0 ? id : null;
}

/**
 * Returns the parsed frame, or undefined if it is not JSON, or more of it than any command has. No JSON text parses to undefined.
 *
 * @param maxMembers of its objects and lists
 */
export function parseFrame(text: string, maxMembers?: number): unknown {
  if (!isCheapJson(text, maxMembers)) return undefined;
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
    return reject(null, new Refusal("COMMAND_INVALID", "Expected an id: a non-negative integer."));
  }
  const { do: name } = frame as { do?: unknown };
  if (typeof name !== "string")
    return reject(id, new Refusal("COMMAND_INVALID", "Expected the name of the command in do."));
  if (!isCommandName(schemas, name)) return reject(id, new Refusal("COMMAND_UNKNOWN"));
  const parsed = schemas[name].safeParse(frame);
  // The protocol checks each schema against its command's type; omitted and undefined properties are the same here.
  if (parsed.success) return { kind: "command", command: parsed.data as Command };
  return reject(id, toRefusal(name, parsed.error.issues));
}

function isCommandName(schemas: Schemas["commands"], name: string): name is CommandName {
  return Object.hasOwn(schemas, name);
}

function toRefusal(
  name: CommandName,
  zodIssues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): Refusal {
  const issues = zodIssues
    .slice(0, MAX_ISSUES)
    .map(({ path, message }) => ({ path: path.join(".").slice(0, MAX_PATH_CHARS), message }));
  const { field, code } = FIELD_ERRORS[name] ?? {};
  const isFieldError = field !== undefined && zodIssues.every(({ path }) => path[0] === field);
  const [first] = issues;
  const message = first === undefined ? undefined : `${first.path || name}: ${first.message}`;
  return new Refusal(isFieldError && code !== undefined ? code : "COMMAND_INVALID", message, { issues });
}

function reject(id: number | null, refusal: Refusal): ReadCommand {
  return { kind: "refused", id, refusal };
}
