import { ChannelsError } from "../errors.ts";
import type { LayerMessage, LayerValue } from "./channel-layer.ts";

/** The deepest nesting a message may have; what decodes it at the other end has the same limit. */
export const MAX_MESSAGE_DEPTH = 100;

const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 64n - 1n;

/**
 * Checks a message and copies it into the form that every layer delivers alike (L2): plain data, deeply frozen.
 * `undefined` members are dropped and `undefined` elements become null, as in JSON; bytes are copied (they cannot be
 * frozen); -0 becomes 0, and a bigint that a number holds exactly becomes that number, because msgpack cannot tell
 * them apart.
 *
 * @throws InvalidMessage naming the path of what cannot travel: dates, functions, class instances, cycles, NaN,
 * integers beyond 64 bits, nesting beyond 100.
 */
export function freezeMessage(message: unknown): LayerMessage {
  if (!isPlainObject(message) || typeof message.type !== "string") throw describeProblem(message);
  const frozen = freezeValue(message, 0);
  if (frozen === UNSUPPORTED) throw describeProblem(message);
  // A frozen copy of a plain object whose `type` was a string.
  return frozen as LayerMessage;
}

/** A deep copy that its holder may change, of a message that `freezeMessage` made. */
export function copyMessage(message: LayerMessage): LayerMessage {
  return copyValue(message) as LayerMessage;
}

/** Stands for "this cannot travel". The way to it is found only when it is needed, to keep the usual case fast. */
const UNSUPPORTED = Symbol("unfit");

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
    // Assigning to `__proto__` would change the copy's prototype instead of adding a member.
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

/** Literals, `Object.create(null)`, and either from another realm; not an instance of a class. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The slow way over a message that was refused: what is wrong with it, and where. */
function describeProblem(message: unknown): ChannelsError<"InvalidMessage"> {
  if (!isPlainObject(message)) return invalidMessage("message", "a plain object", describeType(message));
  if (typeof message.type !== "string") return invalidMessage("message.type", "a string", describeType(message.type));
  return (
    findUnsupported(message, "message", []) ??
    invalidMessage("message", "data that stays the same while it is read", "a getter")
  );
}

function findUnsupported(
  value: unknown,
  path: string,
  above: readonly object[],
): ChannelsError<"InvalidMessage"> | undefined {
  if (typeof value === "number" && !Number.isFinite(value))
    return invalidMessage(path, "a finite number", String(value));
  if (typeof value === "bigint" && (value < MIN_INTEGER || value > MAX_INTEGER)) {
    return invalidMessage(path, "an integer of at most 64 bits", `${value}`);
  }
  if (typeof value === "function" || typeof value === "symbol")
    return invalidMessage(path, "data", describeType(value));
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return undefined;
  if (above.includes(value)) return invalidMessage(path, "data without cycles", "an object that contains itself");
  if (above.length >= MAX_MESSAGE_DEPTH) return invalidMessage(path, `at most ${MAX_MESSAGE_DEPTH} levels`, "one more");
  const around = [...above, value];
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      const found = findUnsupported(element, `${path}[${index}]`, around);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isPlainObject(value)) return invalidMessage(path, "plain data", describeType(value));
  for (const [key, member] of Object.entries(value)) {
    const at = /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
    if (key === "__proto__") return invalidMessage(at, "a key that is not __proto__", "one");
    const found = findUnsupported(member, at, around);
    if (found !== undefined) return found;
  }
  return undefined;
}

function invalidMessage(path: string, expected: string, got: string): ChannelsError<"InvalidMessage"> {
  return new ChannelsError("InvalidMessage", { path, expected, got });
}

function describeType(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  if (Array.isArray(value)) return "an array";
  const maker: unknown = Reflect.get(value, "constructor");
  return typeof maker === "function" && maker.name !== "" ? `a ${maker.name}` : "an object";
}
