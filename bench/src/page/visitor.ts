import type { Browser, BrowserContext, CDPSession, Page } from "playwright-core";
import { credentialsOf } from "../multichat/people.ts";
import type { Load } from "./plan.ts";

/** Milliseconds in which a page has to be there. */
const PATIENCE = 60_000;
/** Milliseconds after which nothing of a load moves any more. */
const SETTLED = 1_500;

/** What the page notes of itself: see `WATCH`. */
interface Watched {
  readyMs: number | undefined;
  layoutShift: number;
  frames: number[];
  measuring: boolean;
}

declare global {
  interface Window {
    watched: Watched;
  }
}

/** A browser of one person's, slowed down. */
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

  /** Nothing of the page was loaded yet, and nobody is signed in. */
  static async enter(browser: Browser, url: string, slowdown: number): Promise<Visitor> {
    const context = await browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 } });
    context.setDefaultTimeout(PATIENCE);
    await context.addInitScript(watch);
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
    await devtools.send("Performance.enable");
    return new Visitor(context, page, devtools, url);
  }

  /** As the first of the people, by a cookie alone: nothing of the page is loaded for it. */
  async signIn(): Promise<void> {
    const answer = await this.#context.request.post("/api/auth/sign-in/username", {
      data: credentialsOf(0),
      headers: { origin: this.#url },
    });
    if (!answer.ok()) throw new Error(`Expected to sign in, the server answered ${answer.status()}.`);
  }

  /** A room; where nobody is signed in, the door is what comes. */
  async load(path: string): Promise<Load> {
    await this.#page.goto(path, { waitUntil: "commit" });
    await this.#page.waitForFunction(() => window.watched.readyMs !== undefined);
    await this.#page.waitForTimeout(SETTLED);
    const { readyMs = Number.NaN, layoutShift } = await this.#watched();
    return { readyMs, layoutShift };
  }

  async beginFrames(): Promise<void> {
    await this.#page.evaluate(() => {
      const { watched } = window;
      watched.measuring = true;
      let last = performance.now();
      const frame = (now: number): void => {
        watched.frames.push(now - last);
        last = now;
        if (watched.measuring) requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
  }

  /** @returns milliseconds between frames, shortest first */
  async endFrames(): Promise<readonly number[]> {
    await this.#page.evaluate(() => {
      window.watched.measuring = false;
    });
    return (await this.#watched()).frames.toSorted((a, b) => a - b);
  }

  /** Milliseconds for which the main thread has been at work, since the page was opened. */
  async workedMs(): Promise<number> {
    const { metrics } = await this.#devtools.send("Performance.getMetrics");
    return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN) * 1_000;
  }

  async heapBytes(): Promise<number> {
    await this.#devtools.send("HeapProfiler.collectGarbage");
    return (await this.#devtools.send("Runtime.getHeapUsage")).usedSize;
  }

  /** Resolves when the text is on the page. */
  async shows(text: string): Promise<void> {
    await this.#page.getByText(text, { exact: false }).first().waitFor();
  }

  async leave(): Promise<void> {
    await this.#context.close();
  }

  #watched(): Promise<Watched> {
    return this.#page.evaluate(() => window.watched);
  }
}

/** Runs in the page before anything else of it. */
function watch(): void {
  const watched: Watched = { readyMs: undefined, layoutShift: 0, frames: [], measuring: false };
  window.watched = watched;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) watched.layoutShift += (entry as PerformanceEntry & { value: number }).value;
  }).observe({ type: "layout-shift", buffered: true });
  const there = new MutationObserver(() => {
    const room = document.querySelector("[role=log] article") !== null && document.querySelector("textarea") !== null;
    if (!room && document.querySelector("input[type=password]") === null) return;
    there.disconnect();
    // Behind the next frame, and behind what waits for the main thread there: a key would be answered from then on.
    requestAnimationFrame(() =>
      setTimeout(() => {
        watched.readyMs = performance.now();
      }),
    );
  });
  there.observe(document, { childList: true, subtree: true });
}
