import type { Limits } from "@multichat/protocol";
import { makeSchemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import { usernameKey } from "../../people/index.ts";
import { isDamaged } from "../../process/utf8.ts";
import type { DataRoom, DataUser } from "../../setup/index.ts";
import { CommandFailed } from "../terminal.ts";

export interface DataFile {
  readonly users: readonly DataUser[];
  readonly rooms: readonly DataRoom[];
}

const MAX_SHOWN_PROBLEMS = 20;

/**
 * Parses and validates the whole file.
 *
 * @throws CommandFailed with the path and the reason of each problem.
 */
export function readDataFile(name: string, content: string, limits: Limits): DataFile {
  let json: unknown;
  try {
    json = JSON.parse(content.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new CommandFailed(`${name}: expected JSON: ${error instanceof Error ? error.message : error}`);
  }
  const parsed = makeDataSchema(limits).safeParse(json);
  const problems = parsed.success
    ? findDuplicates(parsed.data)
    : parsed.error.issues.map(({ path, message }) => `${formatPath(path)}: ${message}`);
  if (problems.length > 0 || !parsed.success) throw new CommandFailed(describeProblems(name, problems));
  return parsed.data;
}

/** Returns the message about a file that nothing was written of, with the first of its problems. */
export function describeProblems(name: string, problems: readonly string[]): string {
  const shown = problems.slice(0, MAX_SHOWN_PROBLEMS).map((problem) => `  ${problem}`);
  const more = problems.length > MAX_SHOWN_PROBLEMS ? [`  … and ${problems.length - MAX_SHOWN_PROBLEMS} more`] : [];
  return [`${name} is invalid, nothing was written:`, ...shown, ...more].join("\n");
}

/** JSON can hold damage as an escape, `\ufffd` or half of a pair. */
const UNDAMAGED = "expected text without U+FFFD, which stands for lost bytes";

function isUndamaged(text: string): boolean {
  return !isDamaged(text);
}

function makeDataSchema(limits: Limits) {
  const { fields } = makeSchemas(limits);
  return z.strictObject({
    users: z
      .array(
        z.strictObject({
          username: fields.username,
          // Whether it is hard to guess is checked for new users only: existing ones keep theirs.
          password: z
            .string()
            .refine(isUndamaged, UNDAMAGED)
            .min(1, "expected a password, got none")
            .max(limits.passwordMaxChars),
          email: fields.email.optional(),
          staff: z.boolean().optional(),
          superuser: z.boolean().optional(),
        }),
      )
      .default([]),
    rooms: z
      .array(
        z.strictObject({
          title: fields.title.refine(isUndamaged, UNDAMAGED),
          topic: fields.topic.refine(isUndamaged, UNDAMAGED).optional(),
          staffOnly: z.boolean().optional(),
        }),
      )
      .default([]),
  });
}

/** Reports names that occur twice, because it is unclear which entry is meant. */
function findDuplicates({ users, rooms }: Pick<DataFile, "users" | "rooms">): string[] {
  return [
    ...duplicateIndexes(users.map(({ username }) => usernameKey(username))).map(
      ([at, before]) => `users[${at}].username: the same as users[${before}].username`,
    ),
    ...duplicateIndexes(rooms.map(({ title }) => title)).map(
      ([at, before]) => `rooms[${at}].title: the same as rooms[${before}].title`,
    ),
  ];
}

function duplicateIndexes(keys: readonly string[]): [at: number, before: number][] {
  const first = new Map<string, number>();
  return keys.flatMap((key, at): [number, number][] => {
    const before = first.get(key);
    if (before !== undefined) return [[at, before]];
    first.set(key, at);
    return [];
  });
}

function formatPath(path: readonly PropertyKey[]): string {
  const place = path.reduce<string>(
    (so, key) => (typeof key === "number" ? `${so}[${key}]` : `${so}.${String(key)}`),
    "",
  );
  return place === "" ? "the file" : place.replace(/^\./, "");
}
