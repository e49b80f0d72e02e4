import { TestChat } from "../../../../apps/server/test/support/chat-server.ts";

/** A server with state that grows is replaced after this many inputs, so that each input meets a small one. */
const INPUTS_PER_SERVER = 4_000;

/** Limits as high as they go: refused commands would hide what the others do. */
const ENVIRONMENT = {
  LIMIT_COMMANDS_PER_SECOND: "100000",
  LIMIT_REQUESTS_PER_MINUTE: "10000000",
  LIMIT_SIGN_IN_PER_MINUTE: "100000",
};

/** A real server in this process, so that its processor time is measured with the input's. */
export class FuzzedServer {
  readonly #environment: Readonly<Record<string, string>>;
  #chat: TestChat | undefined;
  #inputs = 0;

  constructor(environment: Readonly<Record<string, string>> = {}) {
    this.#environment = { ...ENVIRONMENT, ...environment };
  }

  /** Returns the server for the next input, and whether it is another one than for the last. */
  async next(): Promise<{ readonly chat: TestChat; readonly isNew: boolean }> {
    this.#inputs += 1;
    if (this.#chat !== undefined && this.#inputs % INPUTS_PER_SERVER !== 0) return { chat: this.#chat, isNew: false };
    await this.close();
    this.#chat = await TestChat.start({ env: this.#environment });
    return { chat: this.#chat, isNew: true };
  }

  /** Starts another server for the next input, where an input has ended the accounts that it needs. */
  async replace(): Promise<void> {
    await this.close();
  }

  async close(): Promise<void> {
    const chat = this.#chat;
    this.#chat = undefined;
    await chat?.close();
  }
}
