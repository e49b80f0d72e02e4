import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serveTutorial, type TutorialServer } from "../../src/serve.ts";
import { runSteps, type Step } from "./run-steps.ts";

// What the original answers to inputs beside the recorded ones, read from its source.

let server: TutorialServer;
beforeEach(async () => {
  server = await serveTutorial({ port: 0, host: "127.0.0.1", redisUrl: undefined });
});
afterEach(() => server?.close());

const greeting = { type: "system", message: "🔔 Connected to notifications!" };

describe("recorded behavior in variations: a notification without a text", () => {
  it.each([
    ["{}", "No message"],
    ['{"text":"hello"}', "No message"],
    ['{"Message":"hello"}', "No message"],
    ['{"type":"user"}', "No message"],
    ['{"message":""}', ""],
    ['{"message":" "}', " "],
    ['{"message":null}', "None"],
    ['{"message":true}', "True"],
    ['{"message":false}', "False"],
    ['{"message":0}', "0"],
    ['{"message":-1.5}', "-1.5"],
    ['{"message":[]}', "[]"],
    ['{"message":[1,"a",null]}', "[1, 'a', None]"],
    ['{"message":{}}', "{}"],
    ['{"message":{"a":{"b":[true]}}}', "{'a': {'b': [True]}}"],
    ['{"message":["it\'s"]}', '["it\'s"]'],
    ['{"message":["\'\\"\\n"]}', "['\\'\"\\n']"],
    ['{"message":"hello","extra":1}', "hello"],
  ])("%s reaches everyone as %j", async (frame, text) => {
    const expected = { type: "user", message: `🔔 Notification: ${text}` };
    await runSteps(server.url, [
      ["a", "connect", { path: "/ws/notifications" }],
      ["a", "gets", [greeting]],
      ["b", "connect", { path: "/ws/notifications" }],
      ["a", "gets", [greeting]],
      ["b", "gets", [greeting]],
      ["a", "send", frame],
      ["a", "gets", [expected]],
      ["b", "gets", [expected]],
    ]);
  });

  it("a value nested thousands of levels deep is cut, and the connection stays", async () => {
    const frame = `{"message":${"[".repeat(5_000)}${"]".repeat(5_000)}}`;
    const cut = `${"[".repeat(101)}...${"]".repeat(101)}`;
    await runSteps(server.url, [
      ["a", "connect", { path: "/ws/notifications" }],
      ["a", "gets", [greeting]],
      ["a", "send", frame],
      ["a", "gets", [{ type: "user", message: `🔔 Notification: ${cut}` }]],
    ]);
  });
});

const thought = (text: string) =>
  `That's an interesting point about '${text}'. Let me think about that... Based on my analysis, I would suggest ` +
  "exploring this topic further through research and practical application.";
const weather = "The weather is looking great today! Perfect for a walk outside.";
const food = "I'd recommend trying that new restaurant downtown. Their pasta is excellent!";
const help = "I'm here to help! Feel free to ask me anything you'd like to know.";

function translated(text: string, result = `[TRANSLATED: ${text}]`): readonly [object, string, string] {
  return [{ type: "translate", content: text }, "translate", `🌍 Translated: '${text}' → '${result}'`];
}

function generated(text: string, answer: string): readonly [object, string, string] {
  return [{ type: "generate", content: text }, "generate", `🤖 AI Response to '${text}':\n${answer}`];
}

function analyzed(text: string, counts: readonly number[]): readonly [object, string, string] {
  const [characters, words, vowels, consonants] = counts;
  const lines = [`Characters: ${characters}`, `Words: ${words}`, `Vowels: ${vowels}`, `Consonants: ${consonants}`];
  const result = `📊 Analysis of '${text}':\n${lines.map((line) => `• ${line}`).join("\n")}`;
  return [{ type: "analyze", content: text }, "analyze", result];
}

function processed(type: unknown, shown: string): readonly [object, string, string] {
  return [{ type, content: "chair" }, shown, "✅ Processed: CHAIR"];
}

describe("recorded behavior in variations: a job with an input that it does not know", () => {
  it.each([
    translated("chair"),
    translated("goodbye"),
    translated("please"),
    translated(" hello "),
    translated("hello world"),
    translated("hello!"),
    translated("it's"),
    translated("日本"),
    translated("🪑"),
    translated(" "),
    translated("a\nb"),
    translated("constructor"),
    translated("__proto__"),
    translated("HELLO", "hola"),
    translated("World", "mundo"),
    translated("THANK YOU", "gracias"),
    generated("Is there FOOD?", food),
    generated("let's eat", food),
    generated("the theatre", food),
    generated("Help me", help),
    generated("help with the weather", weather),
    generated("helpful food", food),
    generated(" ", thought(" ")),
    generated("日本", thought("日本")),
    analyzed(" ", [1, 0, 0, 0]),
    analyzed("éa", [2, 1, 1, 1]),
    analyzed("日本 語", [4, 2, 0, 3]),
    analyzed("👍🏽", [2, 1, 0, 0]),
    analyzed("12 34", [5, 2, 0, 0]),
    analyzed("AEIOU xyz", [9, 2, 5, 3]),
    processed("dance", "dance"),
    processed("TRANSLATE", "TRANSLATE"),
    processed("", ""),
    processed("constructor", "constructor"),
    processed(null, "None"),
    processed(true, "True"),
    processed(false, "False"),
    processed(5, "5"),
    processed(1.5, "1.5"),
  ])("%j", async (request, type, result) => {
    const { content } = request as { content: string };
    const queued = { status: "queued", job_id: "<job-id>", message: expectedQueued };
    const steps: Step[] = [
      ["a", "connect", { path: "/ws/backgroundjob" }],
      ["a", "gets", [{ status: "connected", message: "🔄 Background Job Processor: Connected!" }]],
      ["a", "send", JSON.stringify(request)],
      [
        "a",
        "gets",
        [
          { status: "queuing", message: `⏳ Queuing ${type} job: ${content}` },
          queued,
          { type: "job_result", message: result },
        ],
      ],
    ];
    await runSteps(server.url, steps);
  });

  const expectedQueued = "📋 Job <job-id> queued successfully! Worker will process it shortly...";

  it.each([
    {},
    { content: "" },
    { content: null },
    { content: 5 },
    { content: true },
    { content: ["a"] },
    { content: { a: 1 } },
    { type: "translate" },
    { type: {}, content: "x" },
    { type: [], content: "x" },
    [[]],
    "hello",
    5,
    null,
  ])("%j is refused at once, and the connection stays", async (frame) => {
    await runSteps(server.url, [
      ["a", "connect", { path: "/ws/backgroundjob" }],
      ["a", "gets", [expect.anything()]],
      ["a", "send", JSON.stringify(frame)],
      ["a", "gets", [{ status: "error", message: expect.stringContaining("❌ Expected") }]],
      ["a", "send", "{"],
      ["a", "gets", [{ status: "error", message: expect.stringContaining("❌ Expected") }]],
    ]);
  });
});
