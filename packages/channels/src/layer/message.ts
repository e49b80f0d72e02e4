import { ChannelsError } from "../errors.ts";
import type { LayerMessage, LayerValue } from "./channel-layer.ts";

/** The deepest nesting of a message. Decoders on the receiving side have the same limit. */
export const MAX_MESSAGE_DEPTH = 100;

const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 64n - 1n;

/**
 * Checks a message and returns a copy in the form that every layer delivers (L2): plain data, deeply frozen.
 * `undefined` members are dropped and `undefined` elements become null, as in JSON; bytes are copied (they cannot be
 * frozen); -0 becomes 0, and a bigint that a number represents exactly becomes that number, because msgpack does not
 * distinguish them.
 *
 * @throws InvalidMessage naming the path of a value that a layer cannot carry: dates, functions, class instances,
 * cycles, NaN, integers beyond 64 bits, nesting beyond 100 levels.
 */
export function freezeMessage(message: unknown): LayerMessage {
  if (!isPlainObject(message) || typeof message.type !== "string") throw describeProblem(message);
  const frozen = freezeValue(message, 0);
  if (frozen === UNSUPPORTED) throw describeProblem(message);
  // The copy of a plain object whose `type` is a string.
  return frozen as LayerMessage;
}

/** Returns a deep, mutable copy of a message that `freezeMessage` returned. */
export function copyMessage(message: LayerMessage): LayerMessage {
  return copyValue(message) as LayerMessage;
}

/** Marks a value that a layer cannot carry. Its path is computed only for the error, to keep the common case fast. */
const UNSUPPORTED = Symbol("unsupported");

function freezeValue(value: unknown, depth: number): LayerValue | typeof UNSUPPORTED {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value + 0 : UNSUPPORTED;
    case "bigint":
      if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return Number(value);
      return value >= MIN_INTEGER && value <= MAX_INTEGER ? value : UNSUPPORTED;
    case "object":
      break;
    default:
      return UNSUPPORTED;
  }
  if (value === null) return null;
  if (depth >= MAX_MESSAGE_DEPTH) return UNSUPPORTED;
  if (Array.isArray(value)) return freezeArray(value, depth);
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (!isPlainObject(value)) return UNSUPPORTED;
  const copy: Record<string, LayerValue> = {};
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member === undefined) continue;
    const copied = freezeValue(member, depth + 1);
    // Assigning `__proto__` would change the copy's prototype instead of adding a member.
    if (copied === UNSUPPORTED || key === "__proto__") return UNSUPPORTED;
    copy[key] = copied;
  }
  return Object.freeze(copy);
}

function freezeArray(value: readonly unknown[], depth: number): LayerValue | typeof UNSUPPORTED {
  const copy: LayerValue[] = [];
  for (let index = 0; index < value.length; index += 1) {
    const element = value[index];
    const copied = element === undefined ? null : freezeValue(element, depth + 1);
    if (copied === UNSUPPORTED) return UNSUPPORTED;
    copy.push(copied);
  }
  return Object.freeze(copy);
}

function copyValue(value: LayerValue): LayerValue {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(copyValue);
  const members = value as Record<string, LayerValue>;
  const copy: Record<string, LayerValue> = {};
  for (const key of Object.keys(members)) {
    const member = members[key];
    if (member !== undefined) copy[key] = copyValue(member);
  }
  return copy;
}

/** Returns whether the value is an object literal or has no prototype, from any realm, and is not a class instance. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Examines a rejected message to say what is wrong with it, and where. */
function describeProblem(message: unknown): ChannelsError<"InvalidMessage"> {
  if (!isPlainObject(message)) return invalidMessage("message", "a plain object", describeType(message));
  if (typeof message.type !== "string") return invalidMessage("message.type", "a string", describeType(message.type));
  return (
    findUnsupported(message, "message", []) ??
    invalidMessage("message", "data that does not change while it is read", "a getter")
  );
}

function findUnsupported(
  value: unknown,
  path: string,
  ancestors: readonly object[],
): ChannelsError<"InvalidMessage"> | undefined {
  if (typeof value === "number" && !Number.isFinite(value))
    return invalidMessage(path, "a finite number", String(value));
  if (typeof value === "bigint" && (value < MIN_INTEGER || value > MAX_INTEGER)) {
    return invalidMessage(path, "an integer of at most 64 bits", `${value}`);
  }
  if (typeof value === "function" || typeof value === "symbol")
    return invalidMessage(path, "data", describeType(value));
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return undefined;
  if (ancestors.includes(value)) return invalidMessage(path, "data without cycles", "an object that contains itself");
  if (ancestors.length >= MAX_MESSAGE_DEPTH) {
    return invalidMessage(path, `at most ${MAX_MESSAGE_DEPTH} levels of nesting`, "one more");
  }
  const lineage = [...ancestors, value];
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      const error = findUnsupported(element, `${path}[${index}]`, lineage);
      if (error !== undefined) return error;
    }
    return undefined;
  }
  if (!isPlainObject(value)) return invalidMessage(path, "plain data", describeType(value));
  for (const [key, member] of Object.entries(value)) {
    const memberPath = /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
    if (key === "__proto__") return invalidMessage(memberPath, "a key other than __proto__", "__proto__");
    const error = findUnsupported(member, memberPath, lineage);
    if (error !== undefined) return error;
  }
  return undefined;
}

function invalidMessage(path: string, expected: string, got: string): ChannelsError<"InvalidMessage"> {
  return new ChannelsError("InvalidMessage", { path, expected, got });
}

function describeType(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  if (Array.isArray(value)) return "an array";
  const type: unknown = Reflect.get(value, "constructor");
  return typeof type === "function" && type.name !== "" ? `a ${type.name}` : "an object";
}
