import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type Schema, validate, validateNow } from "../../src/protocol/schema.ts";

const rejects = async (): Promise<boolean> => {
  await setImmediate();
  throw new Error("the database is offline");
};
const isEven = async (n: number): Promise<boolean> => {
  await setImmediate();
  return n % 2 === 0;
};

/** Counts rejections that nobody has handled, which end a process. */
async function countUnhandled(work: () => Promise<void>): Promise<number> {
  let count = 0;
  const onUnhandled = () => {
    count += 1;
  };
  // In place of those of the test runner, which would fail the test before it can say why.
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", onUnhandled);
  try {
    await work();
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of others) process.on("unhandledRejection", listener);
  }
  return count;
}

const REJECTING: Readonly<Record<string, readonly [schema: Schema, ...values: unknown[]]>> = {
  "a value": [z.string().refine(rejects), "x"],
  "two parts of an object": [
    z.object({ a: z.string().refine(rejects), b: z.string().refine(rejects) }),
    { a: "", b: "" },
  ],
  "a list": [z.array(z.number().refine(rejects)), [1, 2, 3]],
  "an optional part, which the first input does not have": [
    z.object({ a: z.string().refine(rejects).optional() }),
    {},
    { a: "" },
  ],
  "an input after one that was refused at once": [z.object({ a: z.string().refine(rejects) }), { a: 1 }, { a: "" }],
  "a branch of a union": [z.union([z.number(), z.string().refine(rejects)]), 1, "x"],
  "a transformation": [z.string().transform(rejects), "x"],
  "a check after another one": [z.string().refine(isEvenLength).refine(rejects), "xx"],
};

async function isEvenLength(text: string): Promise<boolean> {
  return isEven(text.length);
}

describe("a check that waits and rejects", () => {
  test.each(Object.keys(REJECTING))("of %s is reported to the caller alone", async (name) => {
    const [schema, ...values] = REJECTING[name] ?? [z.never()];
    const unhandled = await countUnhandled(async () => {
      const last = values.at(-1);
      for (const value of values.slice(0, -1)) await Promise.resolve(validate(schema, value)).catch(() => {});
      await expect(Promise.resolve(validate(schema, last))).rejects.toThrow("the database is offline");
    });
    expect(unhandled).toBe(0);
  });

  test("is an error where nothing may wait", async () => {
    const unhandled = await countUnhandled(async () => {
      expect(() => validateNow(z.string().refine(rejects), "x")).toThrow(TypeError);
    });
    expect(unhandled).toBe(0);
  });
});

describe("a schema of zod", () => {
  const schema = z.object({ n: z.coerce.number().min(2), text: z.string().trim().default("none") });

  test("that does not wait validates at once, with its output and without undeclared fields", () => {
    expect(validate(schema, { n: "3", other: 1 })).toEqual({ ok: true, value: { n: 3, text: "none" } });
    expect(validateNow(schema, { n: 2, text: " a " })).toEqual({ ok: true, value: { n: 2, text: "a" } });
  });

  test("says where and what was expected, as zod says it", async () => {
    const refused = validate(schema, { n: 1, text: 5 });
    const { issues } = schema.safeParse({ n: 1, text: 5 }).error ?? { issues: [] };
    expect(refused).toEqual({
      ok: false,
      issues: issues.map(({ path, message }) => ({ path: path.join("."), message })),
    });
    const waiting = z.object({ n: z.number().refine(isEven, "expected an even number") });
    expect(await validate(waiting, { n: 3 })).toEqual({
      ok: false,
      issues: [{ path: "n", message: "expected an even number" }],
    });
    expect(await validate(waiting, { n: 4 })).toEqual({ ok: true, value: { n: 4 } });
  });

  test("of another version of the library works by the standard alone", () => {
    const standard: Schema<unknown, string> = { "~standard": schema["~standard"] } as never;
    expect(validate(standard, { n: 2 })).toEqual({ ok: true, value: { n: 2, text: "none" } });
  });
});
