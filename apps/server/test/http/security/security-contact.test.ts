import { afterEach, describe, expect, test } from "vitest";
import { formatSecurityTxt } from "../../../src/http/routes/security-contact-route.ts";
import { HttpFixture } from "../http-fixture.ts";

const PATH = "/.well-known/security.txt";
const YEAR_MS = 365 * 86_400_000;

let fixture: HttpFixture | undefined;
afterEach(async () => {
  await fixture?.close();
  fixture = undefined;
});

async function get(env: Record<string, string>, method: "GET" | "HEAD" = "GET") {
  fixture = await HttpFixture.open({ env, people: false });
  return await fixture.request({ method, url: PATH, headers: { host: "evil.example" } });
}

/** Reads the fields as RFC 9116 describes them. */
function parse(text: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const line of text.split("\n").slice(0, -1)) {
    const [, name = "", value = ""] = /^([A-Za-z-]+): (\S.*)$/.exec(line) ?? [];
    expect(name, line).not.toBe("");
    fields.set(name, [...(fields.get(name) ?? []), value]);
  }
  return fields;
}

describe("security.txt", () => {
  test("has the contacts in their order, an expiry, the language and where it is published", async () => {
    const answer = await get({
      SECURITY_CONTACT: "security@example.org,https://example.org/report",
      PUBLIC_URL: "https://chat.example.org",
    });
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, "text/plain; charset=utf-8"]);
    const fields = parse(answer.text);
    expect([...fields.keys()]).toEqual(["Contact", "Expires", "Preferred-Languages", "Canonical"]);
    expect(fields.get("Contact")).toEqual(["mailto:security@example.org", "https://example.org/report"]);
    expect(fields.get("Canonical")).toEqual([`https://chat.example.org${PATH}`]);
    expect(fields.get("Preferred-Languages")).toEqual(["en"]);
    expect(fields.get("Expires")).toHaveLength(1);
  });

  test("never takes its address from the request", async () => {
    const answer = await get({ SECURITY_CONTACT: "security@example.org" });
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain("evil");
    expect(parse(answer.text).has("Canonical")).toBe(false);
  });

  test("does not exist without a contact, because one without a contact is not valid", async () => {
    const answer = await get({});
    expect([answer.status, answer.body.error?.code]).toEqual([404, "NOT_FOUND"]);
  });

  test("answers HEAD", async () => {
    const answer = await get({ SECURITY_CONTACT: "security@example.org" }, "HEAD");
    expect([answer.status, answer.text]).toEqual([200, ""]);
  });

  test.each([0, Date.UTC(2026, 10, 30), Date.UTC(2028, 1, 29, 23, 59, 59, 999), Date.UTC(2099, 11, 31)])(
    "expires in the future and within a year, asked at %d",
    (now) => {
      const [expires = ""] =
        parse(formatSecurityTxt({ contacts: ["mailto:a@b.c"], canonical: undefined, now })).get("Expires") ?? [];
      expect(expires).toMatch(/^\d{4}-\d\d-\d\dT00:00:00Z$/);
      expect(Date.parse(expires) - now).toBeGreaterThan(90 * 86_400_000);
      expect(Date.parse(expires) - now).toBeLessThan(YEAR_MS);
    },
  );
});
