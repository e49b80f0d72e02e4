import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { recordPage } from "./page-reports.ts";

/** As Debian installs it: the first one has no windows, and takes three fifths of the processor time. */
const CHROMIUM_PATHS = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];

/** Root cannot use the sandbox, and the tests must not reach the internet. */
const CHROMIUM_ARGUMENTS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
  // Pages are compared by what they contain; drawing them on a graphics card that is simulated costs a tenth of the time.
  "--disable-gpu",
  "--disable-software-rasterizer",
];

/** Only a page that hangs takes this long, however busy the machine is. */
const WAIT_TIMEOUT_MS = 180_000;

export function launchBrowser(): Promise<Browser> {
  const executable = [process.env.MULTICHAT_TEST_CHROMIUM, ...CHROMIUM_PATHS].find((path) => path && existsSync(path));
  if (executable === undefined) {
    throw new Error(
      "Found no Chromium. npm test installs it on Debian; elsewhere set MULTICHAT_TEST_CHROMIUM to its path.",
    );
  }
  return chromium.launch({ executablePath: executable, args: CHROMIUM_ARGUMENTS });
}

/** The browser logs each 401, and a page asks for the signed-in user before there is one. */
const SIGNED_OUT_RESPONSE = /status of 401 \(Unauthorized\) \S+\/api\/me$/;

/** A user's browser context: a page, the WebSockets it opened, and everything that went wrong in it. */
export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Addresses of all WebSockets that the page opened, in order. */
  readonly sockets: readonly string[];
  /** Returns how many WebSockets are open now. */
  readonly openSockets: () => number;
  /** Errors on the console, uncaught exceptions, violations of the content security policy. */
  readonly problems: string[];
}

/** What Chromium logs when a page is left, or the user signs out, while its WebSocket still opens: nothing went wrong. */
const LEFT_WHILE_CONNECTING = "failed: WebSocket is closed before the connection is established.";

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
    if (message.text().endsWith(LEFT_WHILE_CONNECTING)) return;
    if (message.type() === "error" || message.type() === "warning")
      problems.push(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => problems.push(String(error.stack ?? error)));
  recordPage(page, problems);
  return { context, page, sockets, openSockets: () => open, problems };
}

/** Returns a global variable that the test has put into the page. */
export function readGlobal<T>(page: Page, name: string): Promise<T> {
  return page.evaluate((key) => Reflect.get(window, key), name);
}

/** What the browser itself logs while the server is down. */
const OUTAGE_ERROR = /net::ERR_|WebSocket connection to|status of 50[23]/;

/** Returns the problems that the server being down does not explain. */
export function problemsBesidesOutage(visitor: Visitor): string[] {
  return visitor.problems.filter((problem) => !OUTAGE_ERROR.test(problem));
}
