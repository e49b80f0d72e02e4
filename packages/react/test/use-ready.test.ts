import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ReadySource } from "@multichat/react";
import { rolldown } from "rolldown";
import { beforeAll, expect, test } from "vitest";

type Source = ReadySource<{ head: number }>;

let render: (source: Source) => string;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "use-ready-"));
  // The folder with React 19.
  const { resolve } = createRequire(new URL("../../../e2e/package.json", import.meta.url));
  const bundle = await rolldown({
    input: fileURLToPath(new URL("fixtures/ready-page.tsx", import.meta.url)),
    platform: "node",
    resolve: {
      conditionNames: ["@multichat/source", "node", "import", "default"],
      alias: Object.fromEntries(
        ["react/jsx-runtime", "react-dom/server", "react-dom", "react"].map((name) => [name, resolve(name)]),
      ),
    },
    transform: { jsx: { runtime: "automatic" } },
    logLevel: "silent",
  });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  const path = join(folder, "page.mjs");
  await writeFile(path, output[0].code);
  ({ render } = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as { render: typeof render });
  return () => rm(folder, { recursive: true });
});

/** As after a refusal that came before the first reply. */
function rejected(): Promise<never> {
  const ready = Promise.reject(new Error("NOT_CONNECTED"));
  ready.catch(() => {});
  return ready;
}

test("a reply counts for more than the connection that was refused before it", () => {
  const ready = rejected();
  const reply = { head: 7 };
  expect(render({ ready, phase: "active", reply })).toBe("<b>7</b>");
  // The connection was lost again.
  expect(render({ ready, phase: "pending", reply })).toBe("<b>7</b>");
  expect(() => render({ ready, phase: "ended", reply, error: new Error("ROOM_FULL") })).toThrow("ROOM_FULL");
});

test("a subscription of the client has its state, too", () => {
  let state: ReturnType<NonNullable<Source["state"]>["get"]> = { phase: "active", reply: { head: 8 } };
  const source: Source = { ready: rejected(), state: { get: () => state, subscribe: () => () => {} } };
  expect(render(source)).toBe("<b>8</b>");
  state = { phase: "ended", reply: { head: 8 }, error: new Error("ROOM_FULL") };
  expect(() => render(source)).toThrow("ROOM_FULL");
});
