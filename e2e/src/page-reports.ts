import type { Page, WebSocket } from "playwright-core";

/** What is repeated of a page: enough to see why a test failed, little enough to read. */
const MAX_FRAMES = 40;
const MAX_FRAME_CHARS = 500;
const MAX_TEXT_CHARS = 3_000;
/** A page that does not answer is reported as such. */
const READ_TIMEOUT_MS = 10_000;

/** What is reported of an open page when a test fails. */
interface PageRecord {
  readonly page: Page;
  readonly problems: readonly string[];
  /** The latest frames of its WebSockets, their opening and their closing. */
  readonly traffic: string[];
}

/** The pages that are open in this process. */
const records = new Set<PageRecord>();

/** Records what the page receives and sends until it is closed. @param problems is read when a test fails */
export function recordPage(page: Page, problems: readonly string[]): void {
  const record: PageRecord = { page, problems, traffic: [] };
  const startedAt = performance.now();
  const add = (direction: string, content: string | Buffer): void => {
    const text = content.toString();
    const cut = text.length > MAX_FRAME_CHARS ? `${text.slice(0, MAX_FRAME_CHARS)}… (${text.length})` : text;
    record.traffic.push(`${((performance.now() - startedAt) / 1000).toFixed(2)} s ${direction} ${cut}`);
    if (record.traffic.length > MAX_FRAMES) record.traffic.shift();
  };
  page.on("websocket", (socket: WebSocket) => {
    add("opening", socket.url());
    socket.on("framesent", ({ payload }) => add(">", payload));
    socket.on("framereceived", ({ payload }) => add("<", payload));
    socket.on("socketerror", (error) => add("error", error));
    socket.on("close", () => add("closed", ""));
  });
  page.on("framenavigated", (frame) => {
    if (frame === page.mainFrame()) add("address", frame.url());
  });
  records.add(record);
  page.on("close", () => records.delete(record));
}

/** Describes every open page: its address, visible text, problems and latest traffic. */
export async function describeOpenPages(): Promise<string> {
  const reports = await Promise.all(Array.from(records, describePage));
  return redactTokens(reports.join("\n\n"));
}

async function describePage({ page, problems, traffic }: PageRecord, index: number): Promise<string> {
  const text = await readText(page);
  return [
    `Page ${index + 1} of ${records.size} at ${page.url()} shows:`,
    ...indent(text.slice(0, MAX_TEXT_CHARS).split(/\n+/)),
    `Problems: ${problems.length === 0 ? "none" : ""}`,
    ...indent(problems),
    "Latest frames:",
    ...indent(traffic),
  ].join("\n");
}

async function readText(page: Page): Promise<string> {
  try {
    return await page.locator("body").innerText({ timeout: READ_TIMEOUT_MS });
  } catch (error) {
    return `(cannot be read: ${String(error).split("\n")[0]})`;
  }
}

const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** Removes what could sign someone in. */
function redactTokens(text: string): string {
  return text.replaceAll(/(token|bearer|password|sessionid)(["'\\]*[=:.]\s*["'\\]*)[^\s"'&\\]+/gi, "$1$2…");
}
