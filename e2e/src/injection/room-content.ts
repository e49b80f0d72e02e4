import type { Page } from "playwright-core";

/** What a message's text may be made of, and nothing else. */
const ELEMENTS = ["div", "p", "pre", "code", "blockquote", "ul", "ol", "li", "strong", "em", "s", "a", "bdi", "br"];
const ATTRIBUTES = ["class", "dir", "href", "title", "target", "rel", "tabindex", "start", "data-language", "data-me"];

export interface RoomContent {
  /** Messages that were on the page at some time, by id, with their text as it stood there. */
  readonly messages: ReadonlyMap<string, string>;
  /** The lines that tell what happened in the room. */
  readonly events: readonly string[];
  /** What was in their texts that may not be. */
  readonly unexpected: readonly string[];
}

/** Goes through a whole conversation, from its end to its beginning and back, and looks at every message. */
export async function readWholeRoom(page: Page, beginning: string): Promise<RoomContent> {
  await page.getByRole("log").first().waitFor();
  const seen = await page.evaluate(
    async ({ beginning, elements, attributes }) => {
      const messages: Record<string, string> = {};
      const strange = new Set<string>();
      const events = new Set<string>();
      const found = document.querySelector("[role=log]");
      if (found === null) throw new Error("expected a conversation on the page");
      const log = found;

      function look(): void {
        for (const line of log.querySelectorAll("[data-kind=event] p")) events.add(line.textContent ?? "");
        for (const row of log.querySelectorAll("article[data-message]")) {
          const text = row.querySelector("div[dir=auto]");
          messages[row.getAttribute("data-message") ?? ""] = text?.textContent ?? "";
          for (const element of text === null ? [] : [text, ...text.querySelectorAll("*")]) {
            if (!elements.includes(element.localName)) strange.add(`<${element.localName}>`);
            for (const { name } of element.attributes)
              if (!attributes.includes(name)) strange.add(`<${element.localName} ${name}>`);
          }
        }
      }

      const deadline = performance.now() + 240_000;
      /** Moves and looks until the end of the way; two frames for each step, for the list is drawn after it has moved. */
      async function go(step: (height: number) => void, isThere: () => boolean): Promise<void> {
        for (look(); !isThere(); look()) {
          if (performance.now() > deadline)
            throw new Error(`the end never came; ${Object.keys(messages).length} messages were seen until then`);
          step(log.clientHeight);
          await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        }
      }

      // Older pages come in at the top while one reads on: the end of the way is where the room begins.
      await go(
        (height) => {
          if (log.scrollTop === 0) log.scrollTop = 2;
          else log.scrollTop -= height / 2;
        },
        () => log.scrollTop === 0 && (log.textContent ?? "").includes(beginning),
      );
      // What slipped by while a page came in above is seen on the way back.
      await go(
        (height) => {
          log.scrollTop += height / 2;
        },
        () => log.scrollHeight - log.scrollTop - log.clientHeight < 2,
      );
      return { messages, events: [...events], strange: [...strange] };
    },
    { beginning, elements: ELEMENTS, attributes: ATTRIBUTES },
  );
  return { messages: new Map(Object.entries(seen.messages)), events: seen.events, unexpected: seen.strange };
}
