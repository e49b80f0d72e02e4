import { writeFile } from "node:fs/promises";
import type { Browser, BrowserContext, CDPSession, Page } from "playwright-core";
import { credentialsOf } from "../multichat/users.ts";
import type { Load, Stream } from "./plan.ts";

/** The time in which a page has to load. */
const TIMEOUT_MS = 60_000;
/** The time after which the layout of a loaded page no longer shifts. */
const SETTLE_MS = 1_500;

/** What a page records about itself: see `recordPageMetrics`. */
interface PageMetrics {
  readyMs: number | undefined;
  layoutShift: number;
  frames: number[];
  longTasks: number[];
  isRecording: boolean;
}

declare global {
  interface Window {
    pageMetrics: PageMetrics;
  }
}

/** One user's browser, with a slowed-down CPU. */
export class Visitor {
  readonly #context: BrowserContext;
  readonly #page: Page;
  readonly #devtools: CDPSession;
  readonly #url: string;

  private constructor(context: BrowserContext, page: Page, devtools: CDPSession, url: string) {
    this.#url = url;
    this.#context = context;
    this.#page = page;
    this.#devtools = devtools;
  }

  /** Opens a fresh browser context, with nothing cached and no user signed in. */
  static async open(browser: Browser, url: string, slowdown: number): Promise<Visitor> {
    const context = await browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 } });
    context.setDefaultTimeout(TIMEOUT_MS);
    await context.addInitScript(recordPageMetrics);
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
    // The processor time of the thread: what other processes take does not count.
    await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
    return new Visitor(context, page, devtools, url);
  }

  /** Signs in as the first user, by cookie only: nothing of the page is loaded for it. */
  async signIn(): Promise<void> {
    const response = await this.#context.request.post("/api/auth/sign-in/username", {
      data: credentialsOf(0),
      headers: { origin: this.#url },
    });
    if (!response.ok()) throw new Error(`Expected to sign in, got status ${response.status()}.`);
  }

  /** Loads a room; without a signed-in user, the sign-in page appears instead. */
  async load(path: string): Promise<Load> {
    await this.#page.goto(path, { waitUntil: "commit" });
    await this.#page.waitForFunction(() => window.pageMetrics.readyMs !== undefined);
    await this.#page.waitForTimeout(SETTLE_MS);
    const { readyMs = Number.NaN, layoutShift } = await this.#metrics();
    return { readyMs, layoutShift };
  }

  async startRecording(): Promise<void> {
    await this.#page.evaluate(() => {
      const metrics = window.pageMetrics;
      metrics.isRecording = true;
      metrics.layoutShift = 0;
      metrics.longTasks = [];
      let last = performance.now();
      const frame = (now: number): void => {
        metrics.frames.push(now - last);
        last = now;
        if (metrics.isRecording) requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
  }

  async stopRecording(): Promise<Pick<Stream, "framesMs" | "layoutShift" | "longTasksMs">> {
    await this.#page.evaluate(() => {
      window.pageMetrics.isRecording = false;
    });
    const { frames, layoutShift, longTasks } = await this.#metrics();
    const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);
    return { framesMs: sorted(frames), layoutShift, longTasksMs: sorted(longTasks) };
  }

  async startProfile(): Promise<void> {
    await this.#devtools.send("Profiler.enable");
    await this.#devtools.send("Profiler.start");
  }

  /** Writes the profile since `startProfile`, which browsers and editors show. */
  async writeProfile(file: string): Promise<void> {
    const { profile } = await this.#devtools.send("Profiler.stop");
    await writeFile(file, JSON.stringify(profile));
  }

  /** Returns the processor time of the main thread since the page was opened. */
  async mainThreadMs(): Promise<number> {
    const { metrics } = await this.#devtools.send("Performance.getMetrics");
    return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN) * 1_000;
  }

  async heapBytes(): Promise<number> {
    await this.#devtools.send("HeapProfiler.collectGarbage");
    return (await this.#devtools.send("Runtime.getHeapUsage")).usedSize;
  }

  /** Waits until the text is on the page. */
  async waitForText(text: string): Promise<void> {
    await this.#page.getByText(text, { exact: false }).first().waitFor();
  }

  async close(): Promise<void> {
    await this.#context.close();
  }

  #metrics(): Promise<PageMetrics> {
    return this.#page.evaluate(() => window.pageMetrics);
  }
}

/** Runs in the page before its own scripts. */
function recordPageMetrics(): void {
  const metrics: PageMetrics = { readyMs: undefined, layoutShift: 0, frames: [], longTasks: [], isRecording: false };
  window.pageMetrics = metrics;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) metrics.layoutShift += (entry as PerformanceEntry & { value: number }).value;
  }).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) metrics.longTasks.push(duration);
  }).observe({ type: "longtask" });
  const observer = new MutationObserver(() => {
    const isRoomShown =
      document.querySelector("[role=log] article") !== null && document.querySelector("textarea") !== null;
    if (!isRoomShown && document.querySelector("input[type=password]") === null) return;
    observer.disconnect();
    // After the next frame and the tasks queued behind it: from then on a key press would be handled.
    requestAnimationFrame(() =>
      setTimeout(() => {
        metrics.readyMs = performance.now();
      }),
    );
  });
  observer.observe(document, { childList: true, subtree: true });
}
