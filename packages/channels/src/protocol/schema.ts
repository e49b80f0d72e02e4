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
  if (isZodSchema(schema)) return validateByZod(schema, value) as ReturnType<typeof validate<S>>;
  const result = schema["~standard"].validate(value);
  return result instanceof Promise ? result.then(toValidation<S>) : toValidation<S>(result);
}

/**
 * Validates a value with a schema that does not wait.
 * @throws TypeError for one that returns a promise.
 */
export function validateNow<S extends Schema>(schema: S, value: unknown): Validation<OutputOf<S>> {
  const result = validate(schema, value);
  if (!(result instanceof Promise)) return result;
  // What it comes to concerns nobody, and a rejection would end the process.
  result.catch(() => {});
  throw new TypeError("expected a schema that validates at once, got one with a promise");
}

/** What a schema of zod 4 has beside `~standard`. */
interface ZodSchema {
  readonly _zod: { run(payload: ZodPayload, context: { readonly async: true }): ZodPayload | Promise<ZodPayload> };
  safeParseAsync(value: unknown): Promise<{ data?: unknown; error?: { issues: readonly StandardSchemaV1.Issue[] } }>;
}

interface ZodPayload {
  readonly value: unknown;
  readonly issues: readonly unknown[];
}

function isZodSchema(schema: Schema): schema is Schema & ZodSchema {
  const { _zod, safeParseAsync } = schema as Partial<ZodSchema>;
  return typeof _zod?.run === "function" && typeof safeParseAsync === "function";
}

/**
 * Validates as zod's own `parseAsync` does, but without a promise where no check waits. Its `~standard.validate` tries to do it at once, and
 * begins again where a check waits: if that check rejects, the first attempt's rejection is handled by nobody and ends the process.
 */
function validateByZod(schema: Schema & ZodSchema, value: unknown): Validation<unknown> | Promise<Validation<unknown>> {
  const payload = schema._zod.run({ value, issues: [] }, { async: true });
  if (payload instanceof Promise) return payload.then((settled) => settle(schema, value, settled));
  if (payload.issues.length === 0) return { ok: true, value: payload.value };
  // Once more, for the messages. What was refused at once is so again.
  const refused = schema["~standard"].validate(value);
  return refused instanceof Promise ? refused.then(toValidation) : toValidation(refused);
}

async function settle(schema: ZodSchema, value: unknown, payload: ZodPayload): Promise<Validation<unknown>> {
  if (payload.issues.length === 0) return { ok: true, value: payload.value };
  const { data, error } = await schema.safeParseAsync(value);
  return toValidation(error === undefined ? { value: data } : { issues: error.issues });
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
