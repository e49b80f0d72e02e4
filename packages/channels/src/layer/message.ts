import { ChannelsError } from "../errors.ts";
import type { LayerMessage, LayerValue } from "./channel-layer.ts";

/** The deepest nesting a message may have; what decodes it at the other end has the same limit. */
export const maxMessageDepth = 100;

const minInteger = -(2n ** 63n);
const maxInteger = 2n ** 64n - 1n;

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
  if (!isPlainObject(message) || typeof message.type !== "string") throw explain(message);
  const frozen = frozenCopy(message, 0);
  if (frozen === unfit) throw explain(message);
  // A frozen copy of a plain object whose `type` was a string.
  return frozen as LayerMessage;
}

/** A deep copy that its holder may change, of a message that `freezeMessage` made. */
export function thawMessage(message: LayerMessage): LayerMessage {
  return thaw(message) as LayerMessage;
}

/** Stands for "this cannot travel". The way to it is found only when it is needed, to keep the usual case fast. */
const unfit = Symbol("unfit");

function frozenCopy(value: unknown, depth: number): LayerValue | typeof unfit {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value + 0 : unfit;
    case "bigint":
      if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return Number(value);
      return value >= minInteger && value <= maxInteger ? value : unfit;
    case "object":
      break;
    default:
      return unfit;
  }
  if (value === null) return null;
  if (depth >= maxMessageDepth) return unfit;
  if (Array.isArray(value)) return frozenArray(value, depth);
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (!isPlainObject(value)) return unfit;
  const copy: Record<string, LayerValue> = {};
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member === undefined) continue;
    const copied = frozenCopy(member, depth + 1);
    // Assigning to `__proto__` would change the copy's prototype instead of adding a member.
    if (copied === unfit || key === "__proto__") return unfit;
    copy[key] = copied;
  }
  return Object.freeze(copy);
}

function frozenArray(value: readonly unknown[], depth: number): LayerValue | typeof unfit {
  const copy: LayerValue[] = [];
  for (let index = 0; index < value.length; index += 1) {
    const element = value[index];
    const copied = element === undefined ? null : frozenCopy(element, depth + 1);
    if (copied === unfit) return unfit;
    copy.push(copied);
  }
  return Object.freeze(copy);
}

function thaw(value: LayerValue): LayerValue {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(thaw);
  const members = value as Record<string, LayerValue>;
  const copy: Record<string, LayerValue> = {};
  for (const key of Object.keys(members)) {
    const member = members[key];
    if (member !== undefined) copy[key] = thaw(member);
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
function explain(message: unknown): ChannelsError<"InvalidMessage"> {
  if (!isPlainObject(message)) return invalid("message", "a plain object", describe(message));
  if (typeof message.type !== "string") return invalid("message.type", "a string", describe(message.type));
  return (
    findUnfit(message, "message", []) ?? invalid("message", "data that stays the same while it is read", "a getter")
  );
}

function findUnfit(
  value: unknown,
  path: string,
  above: readonly object[],
): ChannelsError<"InvalidMessage"> | undefined {
  if (typeof value === "number" && !Number.isFinite(value)) return invalid(path, "a finite number", String(value));
  if (typeof value === "bigint" && (value < minInteger || value > maxInteger)) {
    return invalid(path, "an integer of at most 64 bits", `${value}`);
  }
  if (typeof value === "function" || typeof value === "symbol") return invalid(path, "data", describe(value));
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return undefined;
  if (above.includes(value)) return invalid(path, "data without cycles", "an object that contains itself");
  if (above.length >= maxMessageDepth) return invalid(path, `at most ${maxMessageDepth} levels`, "one more");
  const around = [...above, value];
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      const found = findUnfit(element, `${path}[${index}]`, around);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isPlainObject(value)) return invalid(path, "plain data", describe(value));
  for (const [key, member] of Object.entries(value)) {
    const at = /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
    if (key === "__proto__") return invalid(at, "a key that is not __proto__", "one");
    const found = findUnfit(member, at, around);
    if (found !== undefined) return found;
  }
  return undefined;
}

function invalid(path: string, expected: string, got: string): ChannelsError<"InvalidMessage"> {
  return new ChannelsError("InvalidMessage", { path, expected, got });
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  if (Array.isArray(value)) return "an array";
  const maker: unknown = Reflect.get(value, "constructor");
  return typeof maker === "function" && maker.name !== "" ? `a ${maker.name}` : "an object";
}
