import { describe, expect, test } from "vitest";
import { LIMITS } from "../src/index.ts";
import { makeSchemas } from "../src/schemas.ts";

const { http, commands } = makeSchemas();

function nameOf(name: string): string | undefined {
  return http.uploadQuery.safeParse({ name, clientId: "a" }).data?.name;
}

describe("the name of an upload", () => {
  test("is the last part of a path, in one line", () => {
    expect(nameOf("C:\\photos\\beach.jpg")).toBe("beach.jpg");
    expect(nameOf("../../etc/passwd")).toBe("passwd");
    expect(nameOf("a\nb.txt")).toBe("a b.txt");
    expect(nameOf("  spaced name.pdf ")).toBe("spaced name.pdf");
    expect(nameOf("invoice\u202Efdp.exe")).toBe("invoice fdp.exe");
  });

  test.each(["", "  ", "..", ".", "/", "a/", "a\u0000b"])("is not %j", (name) => {
    expect(nameOf(name)).toBeUndefined();
  });

  test("has at most so many characters", () => {
    expect(nameOf("😀".repeat(LIMITS.fileNameChars))).toBeDefined();
    expect(nameOf("😀".repeat(LIMITS.fileNameChars + 1))).toBeUndefined();
  });
});

describe("a message with files", () => {
  const send = (body: string, files?: readonly string[]) =>
    commands["message.send"].safeParse({ id: 1, do: "message.send", room: 1, clientId: "a", body, files });

  test("needs no text", () => {
    expect(send("", ["f1"]).success).toBe(true);
    expect(send("text", ["f1"]).success).toBe(true);
    expect(send("text", []).success).toBe(true);
  });

  test("has text or files, and no invisible text", () => {
    for (const result of [send(""), send("", []), send("  ", ["f1"])]) {
      expect(result.error?.issues.map(({ path }) => path)).toEqual([["body"]]);
    }
  });

  test("has each file once, and at most so many", () => {
    expect(send("", ["f1", "f1"]).success).toBe(false);
    const ids = Array.from({ length: LIMITS.filesPerMessage + 1 }, (_, index) => `f${index}`);
    expect(send("", ids).success).toBe(false);
    expect(send("", ids.slice(1)).success).toBe(true);
  });
});
