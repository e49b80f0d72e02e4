import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { freePort, Server, type ServerSettings } from "../multichat/server.ts";
import { createUsersAndRooms, signInAll } from "../multichat/users.ts";
import { interruption } from "../report/interruption.ts";
import { MessageSenders } from "./message-senders.ts";
import type { Load, Loads, PagePlan, PageResult, Stream } from "./plan.ts";
import { Visitor } from "./visitor.ts";

/** One user looks at the page, the others send messages. */
const USER_COUNT = 11;
const ROOM = "/rooms/1";
/** As Debian installs it, with windows or without. */
const CHROMIUM_PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-headless-shell"];
const WEB_INDEX = fileURLToPath(new URL("../../../apps/web/dist/index.html", import.meta.url));

/** Loads a room's page as a user does, and keeps it open while many messages arrive. */
export async function runPage(plan: PagePlan, log: (line: string) => void, signal: AbortSignal): Promise<PageResult> {
  if (!existsSync(WEB_INDEX)) throw new Error(`${WEB_INDEX} is missing; build first: npm run build`);
  const folder = await mkdtemp(join(tmpdir(), "multichat-page-"));
  const cleanUp: (() => Promise<void> | void)[] = [() => rm(folder, { recursive: true, force: true })];
  const run = async (): Promise<PageResult> => {
    const settings: ServerSettings = { dataDir: join(folder, "data"), port: await freePort() };
    await mkdir(settings.dataDir);
    await createUsersAndRooms(settings, USER_COUNT, 3);
    const server = await Server.start(settings);
    cleanUp.push(() => server.kill());
    const [, ...tokens] = await signInAll(server.url, USER_COUNT);
    const senders = new MessageSenders(server.url, tokens);
    cleanUp.push(() => senders.disconnect());
    await senders.send(plan.history, 100);
    const executablePath = process.env.MULTICHAT_TEST_CHROMIUM ?? CHROMIUM_PATHS.find((path) => existsSync(path));
    if (executablePath === undefined) throw new Error("Found no Chromium; set MULTICHAT_TEST_CHROMIUM to its path");
    const browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox"],
    });
    cleanUp.push(() => browser.close());
    const loads: Loads[] = [];
    const streams: Stream[] = [];
    for (const slowdown of plan.slowdowns) {
      log(`CPU slowdown ${slowdown}: ${plan.loads} loads of each kind, ${plan.streamSeconds} s of messages.`);
      loads.push(...(await measureLoads(browser, server.url, plan, slowdown)));
      streams.push(await measureStream(browser, server.url, plan, slowdown, senders));
    }
    return { browser: `Chromium ${browser.version()}`, loads, streams };
  };
  try {
    return await Promise.race([run(), interruption(signal)]);
  } finally {
    for (const step of cleanUp.reverse()) await step();
  }
}

async function measureLoads(
  browser: Browser,
  url: string,
  plan: PagePlan,
  slowdown: number,
): Promise<readonly Loads[]> {
  const signIns: Load[] = [];
  const first: Load[] = [];
  const again: Load[] = [];
  for (let n = 0; n < plan.loads; n += 1) {
    const anonymous = await Visitor.open(browser, url, slowdown);
    signIns.push(await anonymous.load(ROOM));
    await anonymous.close();
    const visitor = await Visitor.open(browser, url, slowdown);
    await visitor.signIn();
    first.push(await visitor.load(ROOM));
    again.push(await visitor.load(ROOM));
    await visitor.close();
  }
  return [
    { slowdown, page: "sign-in", loads: signIns },
    { slowdown, page: "room", loads: first },
    { slowdown, page: "room, again", loads: again },
  ];
}

async function measureStream(
  browser: Browser,
  url: string,
  { rate, streamSeconds, profiles }: PagePlan,
  slowdown: number,
  senders: MessageSenders,
): Promise<Stream> {
  const visitor = await Visitor.open(browser, url, slowdown);
  await visitor.signIn();
  await visitor.load(ROOM);
  // Warm up: everything that a message redraws has been drawn once, and the lists are full.
  await visitor.waitForText(await senders.send(2 * rate, rate));
  const heapBefore = await visitor.heapBytes();
  const busyBeforeMs = await visitor.mainThreadMs();
  if (profiles !== undefined) await visitor.startProfile();
  await visitor.startRecording();
  const messages = Math.round(rate * streamSeconds);
  const last = await senders.send(messages, rate);
  await visitor.waitForText(last);
  const recorded = await visitor.stopRecording();
  const mainThreadMs = ((await visitor.mainThreadMs()) - busyBeforeMs) / messages;
  if (profiles !== undefined) await visitor.writeProfile(join(profiles, `page-${slowdown}.cpuprofile`));
  await wait(1_000);
  const heapAfter = await visitor.heapBytes();
  await visitor.close();
  return { slowdown, messages, ...recorded, mainThreadMs, heapBytes: [heapBefore, heapAfter] };
}
