import { CENSOR, isSecretName, redactText } from "./redact-text.ts";

/** Deeper values, further fields of an object and further values in all are left out: a log line has to stay readable. */
const MAX_DEPTH = 8;
const MAX_FIELDS = 100;
const MAX_VALUES = 2_000;
const MAX_CAUSES = 5;

interface Progress {
  /** The objects around the value. */
  readonly ancestors: Set<object>;
  values: number;
}

/**
 * Returns a copy of a value for the log: plain data without the secrets in it, at any depth, also in maps, headers, URLs, errors
 * with their causes, and texts. Bounded in depth and size; never throws.
 */
export function redact(value: unknown): unknown {
  return redactValue(value, { ancestors: new Set(), values: 0 });
}

function redactValue(value: unknown, progress: Progress): unknown {
  switch (typeof value) {
    case "string":
      return redactText(value);
    case "bigint":
      return String(value);
    case "function":
    case "symbol":
      return undefined;
    case "object":
      return value === null ? null : redactObject(value, progress);
    default:
      return value;
  }
}

function redactObject(value: object, progress: Progress): unknown {
  const { ancestors } = progress;
  progress.values += 1;
  if (ancestors.has(value)) return "[circular]";
  if (ancestors.size >= MAX_DEPTH) return "[too deep]";
  if (progress.values > MAX_VALUES) return "[too many values]";
  ancestors.add(value);
  try {
    return copyObject(value, progress);
  } catch {
    // A getter or a proxy threw.
    return "[unreadable]";
  } finally {
    ancestors.delete(value);
  }
}

function copyObject(value: object, progress: Progress): unknown {
  if (value instanceof Error) return copyError(value, progress);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof URL || value instanceof RegExp) return redactText(String(value));
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return copyArray(value, progress);
  if (value instanceof Set) return copyArray([...takeFirst(value)], progress);
  if (value instanceof Map || isHeaders(value) || value instanceof URLSearchParams) {
    return copyEntries(takeFirst<[unknown, unknown]>(value), progress);
  }
  return copyFields(value, progress);
}

/** Without naming the class: that would load Node's `fetch`, which takes megabytes, for the first line of the log. */
function isHeaders(value: object): value is Headers {
  return Object.prototype.toString.call(value) === "[object Headers]" && Symbol.iterator in value;
}

function* takeFirst<T>(values: Iterable<T>): Iterable<T> {
  let taken = 0;
  for (const value of values) {
    // One more, so that the copy says that something was left out.
    if (taken > MAX_FIELDS) return;
    taken += 1;
    yield value;
  }
}

function copyFields(value: object, progress: Progress): unknown {
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function") return redactValue(toJSON.call(value), progress);
  // A header as some libraries list them: { name: "cookie", value: "…" }.
  const { name, key } = value as { name?: unknown; key?: unknown };
  const isSecretPair = [name, key].some((text) => typeof text === "string" && isSecretName(text)) && "value" in value;
  const copy = copyEntries(fieldsOf(value), progress);
  if (isSecretPair) copy.value = CENSOR;
  return copy;
}

function* fieldsOf(value: object): Iterable<[string, unknown]> {
  for (const name of Object.keys(value)) {
    let field: unknown;
    try {
      field = (value as Record<string, unknown>)[name];
    } catch {
      field = "[unreadable]";
    }
    yield [name, field];
  }
}

function copyEntries(entries: Iterable<[unknown, unknown]>, progress: Progress): Record<string, unknown> {
  const copy: [string, unknown][] = [];
  for (const [key, field] of entries) {
    if (copy.length >= MAX_FIELDS) {
      copy.push(["…", "[more fields]"]);
      break;
    }
    const name = typeof key === "string" ? key : describeKey(key);
    copy.push([redactText(name), copyField(name, field, progress)]);
  }
  // Own properties, whatever their names are: `__proto__` too.
  return Object.fromEntries(copy);
}

function describeKey(key: unknown): string {
  return typeof key === "object" && key !== null ? "[object]" : String(key);
}

function copyField(name: string, field: unknown, progress: Progress): unknown {
  if (name.toLowerCase() === "rawheaders" && Array.isArray(field)) return copyRawHeaders(field, progress);
  // Whether there is one, and whether it has to be changed, is no secret.
  const isSecret = isSecretName(name) && field !== null && field !== undefined && typeof field !== "boolean";
  return isSecret ? CENSOR : redactValue(field, progress);
}

function copyArray(values: readonly unknown[], progress: Progress): unknown[] {
  const [first, second] = values;
  // A pair of a name and its value, as the entries of maps and headers are.
  if (values.length === 2 && typeof first === "string" && isSecretName(first) && typeof second !== "boolean") {
    return [first, CENSOR];
  }
  const copy = values.slice(0, MAX_FIELDS).map((value) => redactValue(value, progress) ?? null);
  return values.length > MAX_FIELDS ? [...copy, "[more values]"] : copy;
}

/** Node lists names and values in turn. */
function copyRawHeaders(values: readonly unknown[], progress: Progress): unknown[] {
  return values.slice(0, 2 * MAX_FIELDS).map((value, index) => {
    const name = index % 2 === 1 ? values[index - 1] : undefined;
    return typeof name === "string" && isSecretName(name) ? CENSOR : redactValue(value, progress);
  });
}

/** Like the serializer of pino: the stack says what caused the error, and so does the message. */
function copyError(error: Error, progress: Progress): Record<string, unknown> {
  const causes = causesOf(error);
  const errors = error instanceof AggregateError ? { errors: redactValue(error.errors, progress) } : {};
  const root = causes.at(-1) ?? error;
  const cause =
    causes.length === MAX_CAUSES || root.cause === undefined ? {} : { cause: copyField("cause", root.cause, progress) };
  const all = [error, ...causes];
  const own = [...fieldsOf(error)].filter(([name]) => !["cause", "errors", "message", "stack"].includes(name));
  return {
    type: error.constructor?.name ?? error.name,
    message: redactText(all.map(({ message }) => message).join(": ")),
    stack: redactText(all.map((each) => each.stack ?? String(each)).join("\ncaused by: ")),
    ...errors,
    ...cause,
    ...copyEntries(own, progress),
  };
}

function causesOf(error: Error): readonly Error[] {
  const causes: Error[] = [];
  let { cause } = error;
  while (cause instanceof Error && cause !== error && !causes.includes(cause) && causes.length < MAX_CAUSES) {
    causes.push(cause);
    ({ cause } = cause);
  }
  return causes;
}
