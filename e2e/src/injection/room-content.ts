import type { Page } from "playwright-core";

/** The only elements and attributes that the text of a message may contain. */
const ELEMENTS = [
  "div",
  "p",
  "pre",
  "code",
  "blockquote",
  "ul",
  "ol",
  "li",
  "strong",
  "em",
  "s",
  "a",
  "bdi",
  "br",
  "h2",
  "hr",
  "table",
  "thead",
  "tbody",
  "tr",
  "th",
  "td",
  "span",
  "input",
  "button",
  "svg",
  "path",
];
const ATTRIBUTES = [
  "class",
  "dir",
  "href",
  "title",
  "target",
  "rel",
  "tabindex",
  "start",
  "data-language",
  "data-me",
  "data-level",
  "data-align",
  "data-done",
  "scope",
  "colspan",
  "role",
  "aria-label",
  "type",
  "disabled",
  "checked",
  "aria-hidden",
  "viewBox",
  "d",
  "data-variant",
  "data-size",
  "data-small",
  "data-square",
];

export interface RoomContent {
  /** The text of every message that the page showed, by its id. */
  readonly messages: ReadonlyMap<string, string>;
  /** The lines about events in the room. */
  readonly events: readonly string[];
  /** Elements and attributes in message texts that are not allowed. */
  readonly unexpected: readonly string[];
}

/** Scrolls through a whole conversation, from its end to its beginning and back, and reads every message. */
export async function readWholeRoom(page: Page, beginning: string): Promise<RoomContent> {
  await page.getByRole("log").first().waitFor();
  const content = await page.evaluate(
    async ({ beginning, elements, attributes }) => {
      const messages: Record<string, string> = {};
      const unexpected = new Set<string>();
      const events = new Set<string>();
      const element = document.querySelector("[role=log]");
      if (element === null) throw new Error("expected a conversation on the page");
      const log = element;

      function readRows(): void {
        for (const line of log.querySelectorAll("[data-kind=event] p")) events.add(line.textContent ?? "");
        for (const row of log.querySelectorAll("article[data-message]")) {
          const text = row.querySelector("div[dir=auto]");
          messages[row.getAttribute("data-message") ?? ""] = text?.textContent ?? "";
          for (const element of text === null ? [] : [text, ...text.querySelectorAll("*")]) {
            if (!elements.includes(element.localName)) unexpected.add(`<${element.localName}>`);
            for (const { name } of element.attributes)
              if (!attributes.includes(name)) unexpected.add(`<${element.localName} ${name}>`);
          }
        }
      }

      const deadline = performance.now() + 240_000;
      /** Scrolls and reads until the end is reached. The list renders within two frames of each step. */
      async function scrollUntil(step: (height: number) => void, isAtEnd: () => boolean): Promise<void> {
        for (readRows(); !isAtEnd(); readRows()) {
          if (performance.now() > deadline)
            throw new Error(`expected to reach the end, read ${Object.keys(messages).length} messages`);
          step(log.clientHeight);
          await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        }
      }

      // Older pages load at the top on the way up, until the room begins.
      await scrollUntil(
        (height) => {
          if (log.scrollTop === 0) log.scrollTop = 2;
          else log.scrollTop -= height / 2;
        },
        () => log.scrollTop === 0 && (log.textContent ?? "").includes(beginning),
      );
      // Rows that were skipped while a page loaded above are read on the way down.
      await scrollUntil(
        (height) => {
          log.scrollTop += height / 2;
        },
        () => log.scrollHeight - log.scrollTop - log.clientHeight < 2,
      );
      return { messages, events: [...events], unexpected: [...unexpected] };
    },
    { beginning, elements: ELEMENTS, attributes: ATTRIBUTES },
  );
  return {
    messages: new Map(Object.entries(content.messages)),
    events: content.events,
    unexpected: content.unexpected,
  };
}
