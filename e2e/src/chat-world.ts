import type { Browser, BrowserContextOptions } from "playwright-core";
import { launchBrowser, openBrowser, type Visitor } from "./browser.ts";
import { composer, signIn } from "./chat-page.ts";
import { type ChatServer, startChatServer } from "./chat-server.ts";
import { FIXTURE, PASSWORD } from "./fixture.ts";

/** A server with the users and rooms of the fixture, and a browser. */
export interface ChatWorld {
  readonly server: ChatServer;
  /** Opens a page on which nobody is signed in. */
  readonly open: (options?: BrowserContextOptions) => Promise<Visitor>;
  /** Opens room 1 as a user of the fixture, ready to write. */
  readonly visit: (username: string) => Promise<Visitor>;
  /** Closes the browser, stops the server and removes its data. */
  readonly dispose: () => Promise<void>;
}

export async function openChatWorld(): Promise<ChatWorld> {
  const server = await startChatServer({ fixture: FIXTURE });
  let browser: Browser;
  try {
    browser = await launchBrowser();
  } catch (error) {
    await server.dispose();
    throw error;
  }
  const open = (options?: BrowserContextOptions): Promise<Visitor> => openBrowser(browser, server.url, options);
  return {
    server,
    open,
    async visit(username) {
      const visitor = await open();
      await signIn(visitor.page, username, PASSWORD, "/rooms/1");
      await composer(visitor.page, 1).waitFor();
      return visitor;
    },
    async dispose() {
      await browser.close();
      await server.dispose();
    },
  };
}
