import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sendExamples } from "../../src/lesson-4-showcase/send-examples.ts";
import { serveTutorial, type TutorialServer } from "../../src/serve.ts";
import { runSteps, type Step } from "./run-steps.ts";

interface Recorded {
  readonly keep: readonly { readonly case: string; readonly steps: readonly Step[] }[];
  readonly mended: readonly { readonly case: string; readonly original: readonly Step[] }[];
}

const recorded = JSON.parse(readFileSync(new URL("roomchat.json", import.meta.url), "utf8")) as Recorded;

function redisUrl(): string {
  const url = process.env.MULTICHAT_TEST_REDIS_URL;
  if (url !== undefined) return url;
  throw new Error(
    "Expected a Redis in MULTICHAT_TEST_REDIS_URL; run: node scripts/services.mjs npx vitest run examples",
  );
}

const anyText = expect.any(String);
const stillConnected = { type: "user", message: "🔔 Notification: still here" };
const connected = { status: "connected", message: "🔄 Background Job Processor: Connected!" };
const greeting = { type: "system", message: "🔔 Connected to notifications!" };
const refusedJob = { status: "error", message: anyText };

/** Returns the recorded case with a rejected handshake, which corrects the original. */
function refusedHandshake(name: string, status: number): readonly Step[] {
  const recordedCase = recorded.mended.find((candidate) => candidate.case === name);
  if (recordedCase === undefined) throw new Error(`Expected the recording to have a case "${name}".`);
  const [connect] = recordedCase.original;
  if (connect === undefined) throw new Error(`Expected the case "${name}" to have steps.`);
  return [connect, [connect[0], "gets", [{ http: status }]]];
}

function badNotification(frame: string): readonly Step[] {
  return [
    ["a", "connect", { path: "/ws/notifications" }],
    ["a", "gets", [greeting]],
    ["a", "send", frame],
    ["a", "gets", [{ type: "error", message: anyText }]],
    ["a", "send", '{"message":"still here"}'],
    ["a", "gets", [stillConnected]],
  ];
}

function badJob(frame: string): readonly Step[] {
  return [
    ["a", "connect", { path: "/ws/backgroundjob" }],
    ["a", "gets", [connected]],
    ["a", "send", frame],
    ["a", "gets", [refusedJob]],
    ["a", "send", '{"content":"after"}'],
    [
      "a",
      "gets",
      [
        { status: "queuing", message: "⏳ Queuing default job: after" },
        { status: "queued", job_id: "<job-id>", message: anyText },
        { type: "job_result", message: "✅ Processed: AFTER" },
      ],
    ],
  ];
}

const large = "y".repeat(1_048_576);

const corrected: ReadonlyMap<string, readonly Step[]> = new Map([
  [
    "system: binary frame",
    [
      ["a", "connect", { path: "/ws/system" }],
      ["a", "gets", ["🔧 System: Connection established!"]],
      ["a", "send", { binary_utf8: "hi" }],
      ["a", "gets", [{ close: 1003 }]],
    ],
  ],
  [
    "system: 1 MB text",
    [
      ["a", "connect", { path: "/ws/system" }],
      ["a", "gets", ["🔧 System: Connection established!"]],
      ["a", "send", large],
      ["a", "gets", [{ close: 1009 }]],
    ],
  ],
  [
    "system: 20 MB text",
    [
      ["a", "connect", { path: "/ws/system" }],
      ["a", "gets", ["🔧 System: Connection established!"]],
      ["a", "send", large.repeat(20)],
      ["a", "gets", [{ close: 1009 }]],
    ],
  ],
  ["room name: percent-encoded slash", refusedHandshake("room name: percent-encoded slash", 404)],
  ["room name: plain slash", refusedHandshake("room name: plain slash", 404)],
  ["room name: trailing slash", refusedHandshake("room name: trailing slash", 404)],
  ["room name: empty", refusedHandshake("room name: empty", 404)],
  ["room name: NUL encoded", refusedHandshake("room name: NUL encoded", 404)],
  ["room name: invalid UTF-8 encoded", refusedHandshake("room name: invalid UTF-8 encoded", 400)],
  ["room name: HTML", refusedHandshake("room name: HTML", 404)],
  ["room name: newline encoded", refusedHandshake("room name: newline encoded", 404)],
  [
    "room message: binary frame",
    [
      ["a", "connect", { path: "/ws/room/m" }],
      ["a", "gets", ["🚪 Someone joined room 'm'"]],
      ["b", "connect", { path: "/ws/room/m" }],
      ["a", "gets", ["🚪 Someone joined room 'm'"]],
      ["b", "gets", ["🚪 Someone joined room 'm'"]],
      ["a", "send", { binary_utf8: "\u0000\u0001" }],
      ["a", "gets", [{ close: 1003 }]],
      ["b", "gets", ["👋 Someone left room 'm'"]],
    ],
  ],
  [
    "room message: 1 MB",
    [
      ["a", "connect", { path: "/ws/room/m" }],
      ["a", "gets", ["🚪 Someone joined room 'm'"]],
      ["b", "connect", { path: "/ws/room/m" }],
      ["a", "gets", ["🚪 Someone joined room 'm'"]],
      ["b", "gets", ["🚪 Someone joined room 'm'"]],
      ["a", "send", large],
      ["a", "gets", [{ close: 1009 }]],
      ["b", "gets", ["👋 Someone left room 'm'"]],
    ],
  ],
  ["room: foreign Origin header", refusedHandshake("room: foreign Origin header", 403)],
  ["notifications: invalid JSON", badNotification("{bad")],
  ["notifications: array", badNotification("[1]")],
  ["notifications: string", badNotification('"x"')],
  ["notifications: null", badNotification("null")],
  ["notifications: empty text", badNotification("")],
  ["backgroundjob: missing content", badJob('{"type":"default"}')],
  ["backgroundjob: type as array", badJob('{"type":["x"],"content":"x"}')],
  ["backgroundjob: JSON array", badJob("[1]")],
  ["backgroundjob: invalid JSON", badJob("{bad")],
  [
    "backgroundjob: two jobs at once run one after the other",
    [
      ["a", "connect", { path: "/ws/backgroundjob" }],
      ["b", "connect", { path: "/ws/backgroundjob" }],
      ["a", "gets", [connected]],
      ["b", "gets", [connected]],
      ["a", "send", '{"content":"one"}'],
      ["b", "send", '{"content":"two"}'],
      [
        "a",
        "gets",
        [
          { status: "queuing", message: anyText },
          expect.anything(),
          { type: "job_result", message: "✅ Processed: ONE" },
        ],
      ],
      [
        "b",
        "gets",
        [
          { status: "queuing", message: anyText },
          expect.anything(),
          { type: "job_result", message: "✅ Processed: TWO" },
        ],
      ],
    ],
  ],
  ["unknown WebSocket path", refusedHandshake("unknown WebSocket path", 404)],
  ["unknown WebSocket path outside /ws", refusedHandshake("unknown WebSocket path outside /ws", 404)],
  ["WebSocket on /", refusedHandshake("WebSocket on /", 404)],
  ["room path without a name", refusedHandshake("room path without a name", 404)],
  ["path with trailing slash", refusedHandshake("path with trailing slash", 404)],
]);

it("corrects exactly the cases that the recording lists", () => {
  expect([...corrected.keys()]).toEqual(recorded.mended.map(({ case: name }) => name));
});

for (const where of ["in memory", "on Redis"] as const) {
  describe(`the recorded behavior, ${where}`, () => {
    const url = where === "in memory" ? undefined : redisUrl();
    let server: TutorialServer;
    let worker: ChildProcess | undefined;

    beforeAll(async () => {
      if (url === undefined) return;
      const file = fileURLToPath(new URL("../../src/lesson-3-background-jobs/worker.ts", import.meta.url));
      worker = fork(file, [], {
        execArgv: ["--conditions=@multichat/source"],
        env: { ...process.env, REDIS_URL: url },
        stdio: ["ignore", "pipe", "inherit", "ipc"],
      });
      if (worker.stdout !== null) await once(worker.stdout, "data");
    });
    afterAll(async () => {
      if (worker === undefined) return;
      const exited = once(worker, "exit");
      worker.kill("SIGTERM");
      expect((await exited)[0]).toBe(0);
    });

    // The cases use the same rooms. A server that closes waits for its consumers, so all leave notices of a case have been
    // sent before the server of the next one subscribes.
    beforeEach(async () => {
      server = await serveTutorial({ port: 0, host: "127.0.0.1", redisUrl: url });
    });
    afterEach(() => server?.close());

    for (const { case: name, steps } of recorded.keep) {
      it(`keeps: ${name}`, async () => {
        await runSteps(server.url, steps, {
          run: async (what) => {
            const lines: string[] = [];
            await sendExamples((line) => lines.push(line));
            expect(`${lines.join("\n")}\n`).toBe((what as { output: string }).output);
          },
        });
      });
    }
    for (const [name, steps] of corrected) {
      it(`corrects: ${name}`, async () => {
        await runSteps(server.url, steps);
      });
    }
  });
}
