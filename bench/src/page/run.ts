import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { settle, signIn } from "../multichat/people.ts";
import { freePort, Server, type ServerSettings } from "../multichat/server.ts";
import { interruption } from "../report/interruption.ts";
import type { Load, Loads, PagePlan, PageResult, Stream } from "./plan.ts";
import { Speakers } from "./speakers.ts";
import { Visitor } from "./visitor.ts";

/** One looks, the others speak. */
const PEOPLE = 11;
const ROOM = "/rooms/1";
const WEB = fileURLToPath(new URL("../../../apps/web/dist/index.html", import.meta.url));

/** Loads a room's page as a person does, and looks at it while much is said there. */
export async function runPage(plan: PagePlan, say: (line: string) => void, signal: AbortSignal): Promise<PageResult> {
  if (!existsSync(WEB)) throw new Error(`${WEB} is missing; build first: npm run build`);
  const folder = await mkdtemp(join(tmpdir(), "multichat-page-"));
  const clear: (() => Promise<void> | void)[] = [() => rm(folder, { recursive: true, force: true })];
  const work = async (): Promise<PageResult> => {
    const settings: ServerSettings = { dataDir: join(folder, "data"), port: await freePort() };
    await mkdir(settings.dataDir);
    await settle(settings, PEOPLE, 3);
    const server = await Server.start(settings);
    clear.push(() => server.kill());
    const [, ...tokens] = await signIn(server.url, PEOPLE);
    const speakers = new Speakers(server.url, tokens);
    clear.push(() => speakers.leave());
    await speakers.say(plan.history, 100);
    const browser = await chromium.launch({
      executablePath: process.env.MULTICHAT_TEST_CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox"],
    });
    clear.push(() => browser.close());
    const loads: Loads[] = [];
    const streams: Stream[] = [];
    for (const slowdown of plan.slowdowns) {
      say(
        `With a CPU slowed down ${slowdown} times: ${plan.loads} loads of each kind, ${plan.streamSeconds} s of talk.`,
      );
      loads.push(...(await loadsOf(browser, server.url, plan, slowdown)));
      streams.push(await streamOf(browser, server.url, plan, slowdown, speakers));
    }
    return { browser: `Chromium ${browser.version()}`, loads, streams };
  };
  try {
    return await Promise.race([work(), interruption(signal)]);
  } finally {
    for (const step of clear.reverse()) await step();
  }
}

async function loadsOf(browser: Browser, url: string, plan: PagePlan, slowdown: number): Promise<readonly Loads[]> {
  const signIns: Load[] = [];
  const first: Load[] = [];
  const again: Load[] = [];
  for (let n = 0; n < plan.loads; n += 1) {
    const stranger = await Visitor.enter(browser, url, slowdown);
    signIns.push(await stranger.load(ROOM));
    await stranger.leave();
    const visitor = await Visitor.enter(browser, url, slowdown);
    await visitor.signIn();
    first.push(await visitor.load(ROOM));
    again.push(await visitor.load(ROOM));
    await visitor.leave();
  }
  return [
    { slowdown, page: "sign-in", loads: signIns },
    { slowdown, page: "room", loads: first },
    { slowdown, page: "room, again", loads: again },
  ];
}

async function streamOf(
  browser: Browser,
  url: string,
  { rate, streamSeconds }: PagePlan,
  slowdown: number,
  speakers: Speakers,
): Promise<Stream> {
  const visitor = await Visitor.enter(browser, url, slowdown);
  await visitor.signIn();
  await visitor.load(ROOM);
  // What is drawn anew for each message is there once, and the lists are full.
  await visitor.shows(await speakers.say(2 * rate, rate));
  const before = await visitor.heapBytes();
  const worked = await visitor.workedMs();
  await visitor.beginFrames();
  const messages = Math.round(rate * streamSeconds);
  const last = await speakers.say(messages, rate);
  await visitor.shows(last);
  const framesMs = await visitor.endFrames();
  const mainThreadMs = ((await visitor.workedMs()) - worked) / messages;
  await wait(1_000);
  const after = await visitor.heapBytes();
  await visitor.leave();
  return { slowdown, messages, framesMs, mainThreadMs, heapBytes: [before, after] };
}
