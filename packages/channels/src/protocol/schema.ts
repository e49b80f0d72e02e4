import type { StandardSchemaV1 } from "@standard-schema/spec";

/** A schema of any library that follows Standard Schema, such as zod, valibot and arktype. */
export type Schema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>;

/** What a schema takes. */
export type InputOf<S extends Schema> = StandardSchemaV1.InferInput<S>;
/** What a schema returns. */
export type OutputOf<S extends Schema> = StandardSchemaV1.InferOutput<S>;

/** Why a value was refused: where in the value, and what was expected. */
export interface Issue {
  /** Keys from the root, joined by dots; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

export type Validation<Output> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Clients choose the values, so what is reported about one is bounded. */
const MAX_ISSUES = 10;
const MAX_MESSAGE_CHARS = 300;
const MAX_PATH_CHARS = 200;

/** Validates a value. Returns a promise only if the schema does. */
export function validate<S extends Schema>(
  schema: S,
  value: unknown,
): Validation<OutputOf<S>> | Promise<Validation<OutputOf<S>>> {
  const result = schema["~standard"].validate(value);
  return result instanceof Promise ? result.then(toValidation<S>) : toValidation<S>(result);
}

/**
 * Validates a value with a schema that does not wait.
 * @throws TypeError for one that returns a promise.
 */
export function validateNow<S extends Schema>(schema: S, value: unknown): Validation<OutputOf<S>> {
  const result = validate(schema, value);
  if (result instanceof Promise)
    throw new TypeError("expected a schema that validates at once, got one with a promise");
  return result;
}

function toValidation<S extends Schema>(result: StandardSchemaV1.Result<unknown>): Validation<OutputOf<S>> {
  // What the schema's own types promise.
  if (result.issues === undefined) return { ok: true, value: result.value as OutputOf<S> };
  return { ok: false, issues: result.issues.slice(0, MAX_ISSUES).map(toIssue) };
}

function toIssue({ path = [], message }: StandardSchemaV1.Issue): Issue {
  const keys = path.map((part) => String(typeof part === "object" ? part.key : part));
  return { path: keys.join(".").slice(0, MAX_PATH_CHARS), message: message.slice(0, MAX_MESSAGE_CHARS) };
}

/** A schema that accepts every value as a `T`: for what only your own processes send. It has no JSON Schema. */
export function unchecked<T>(): Schema<T> {
  // The type is the caller's claim.
  return { "~standard": { version: 1, vendor: "multichat", validate: (value) => ({ value: value as T }) } };
}
