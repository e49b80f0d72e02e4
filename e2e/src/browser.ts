import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Root has no sandbox to give, and nothing here may ask the outside world for anything. */
const CHROMIUM_ARGUMENTS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
];

/** Only a page that hangs takes this long, however busy the machine is. */
const WAIT_TIMEOUT_MS = 60_000;

export function launchBrowser(): Promise<Browser> {
  const found = [process.env.MULTICHAT_TEST_CHROMIUM, "/usr/bin/chromium"].find((path) => path && existsSync(path));
  if (found === undefined) {
    throw new Error(
      "There is no Chromium. npm test installs it on Debian; elsewhere set MULTICHAT_TEST_CHROMIUM to its path.",
    );
  }
  return chromium.launch({ executablePath: found, args: CHROMIUM_ARGUMENTS });
}

/** How a page learns that nobody is signed in yet; the browser notes each answer of 401 by itself. */
const SIGNED_OUT_RESPONSE = /status of 401 \(Unauthorized\) \S+\/api\/me$/;

/** One person's browser: a page, the sockets it opened, and everything that went wrong in it. */
export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Addresses of the WebSockets that the page opened, in order. */
  readonly sockets: readonly string[];
  /** How many of them are open now. */
  readonly openSockets: () => number;
  /** Errors on the console, uncaught exceptions, violations of the content security policy. */
  readonly problems: string[];
}

export async function openBrowser(
  browser: Browser,
  base: string,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({ baseURL: base, locale: "en-GB", timezoneId: "UTC", ...options });
  context.setDefaultTimeout(WAIT_TIMEOUT_MS);
  const problems: string[] = [];
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      console.error(`CSP: ${event.violatedDirective} blocked ${event.blockedURI} in ${event.sourceFile}`);
    });
  });
  const page = await context.newPage();
  const sockets: string[] = [];
  let open = 0;
  page.on("websocket", (socket) => {
    sockets.push(socket.url());
    open += 1;
    socket.on("close", () => {
      open -= 1;
    });
  });
  page.on("console", (message) => {
    if (SIGNED_OUT_RESPONSE.test(`${message.text()} ${message.location().url}`)) return;
    if (message.type() === "error" || message.type() === "warning")
      problems.push(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => problems.push(String(error.stack ?? error)));
  return { context, page, sockets, openSockets: () => open, problems };
}

/** What a page cannot help saying while its server is away: the browser itself writes these. */
const OUTAGE_ERROR = /net::ERR_|WebSocket connection to|status of 50[23]/;

/** The problems that are the page's own, when its server was taken away in the test. */
export function problemsBesidesOutage(visitor: Visitor): string[] {
  return visitor.problems.filter((problem) => !OUTAGE_ERROR.test(problem));
}
