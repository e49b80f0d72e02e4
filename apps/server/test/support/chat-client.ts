import type { CommandName, CommandParams, CommandResult, ServerEvent, WireError } from "@multichat/protocol";
import { SUBPROTOCOL } from "@multichat/protocol";
import type { TestChat } from "./chat-server.ts";
import { Socket, type SocketOptions } from "./socket.ts";

/** The event of this name; some have one shape for two names. */
type EventOn<On extends ServerEvent["on"], Event = ServerEvent> = Event extends { readonly on: infer Names }
  ? On extends Names
    ? Event & { readonly on: On }
    : never
  : never;

type Answer<T> = { readonly re: number | null; readonly ok?: T; readonly error?: WireError };

/** A socket that speaks `multichat.v1`, as far as a test of the server needs it. */
export class ChatClient extends Socket {
  #nextId = 1_000;

  constructor(url: string, options: SocketOptions = {}) {
    super(`${url}/ws`, { protocols: [SUBPROTOCOL], ...options });
  }

  /** Signed in with the person's session of this test server, and open. */
  static async open(chat: TestChat, username: string): Promise<ChatClient> {
    const { cookie } = await chat.session(username);
    const client = await new ChatClient(chat.socketUrl, { cookie }).settled();
    if (!client.isOpen)
      throw new Error(`expected ${username}'s socket to open, got ${JSON.stringify(client.received)}`);
    return client;
  }

  get events(): readonly ServerEvent[] {
    return this.received.filter((got): got is ServerEvent => typeof got === "object" && got !== null && "on" in got);
  }

  /** Sends without waiting; returns the command's id. */
  begin<N extends CommandName>(name: N, params: CommandParams<N>): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.send({ id, do: name, ...params });
    return id;
  }

  /** The reply to a command that was begun. */
  async reply<N extends CommandName = CommandName>(id: number | null): Promise<Answer<CommandResult<N>>> {
    return await this.until(() => this.replies(id)[0] ?? false);
  }

  replies(id: number | null): Answer<never>[] {
    return this.received.filter((got) => (got as { re?: unknown }).re === id) as Answer<never>[];
  }

  async ask<N extends CommandName>(name: N, params: CommandParams<N>): Promise<Answer<CommandResult<N>>> {
    return await this.reply<N>(this.begin(name, params));
  }

  /** The `ok` of the reply. @throws when it was refused. */
  async do<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>> {
    const { ok, error } = await this.ask(name, params);
    if (ok === undefined) throw new Error(`expected ${name} to be done, got ${JSON.stringify(error)}`);
    return ok;
  }

  /** The code of the refusal. @throws when it was done. */
  async refusal<N extends CommandName>(name: N, params: CommandParams<N>): Promise<WireError> {
    const { error } = await this.ask(name, params);
    if (error === undefined) throw new Error(`expected ${name} to be refused, and it was done`);
    return error;
  }

  /** Waits for an event; it need not be the first. */
  async event<On extends ServerEvent["on"]>(
    on: On,
    fits: (event: EventOn<On>) => boolean = () => true,
  ): Promise<EventOn<On>> {
    return await this.until(() => {
      // By its name it is one of these.
      const found = this.events.find((event) => event.on === on && fits(event as unknown as EventOn<On>));
      return (found as unknown as EventOn<On> | undefined) ?? false;
    });
  }

  /** Everything that was sent before has been handled, and what it caused here has arrived. */
  async fence(): Promise<void> {
    await this.do("ping", {});
    await this.do("ping", {});
  }

  async join(room: string | number): Promise<CommandResult<"room.join">> {
    return await this.do("room.join", { room });
  }

  async say(
    room: string | number,
    body: string,
    clientId: string = crypto.randomUUID(),
  ): Promise<CommandResult<"message.send">> {
    return await this.do("message.send", { room, clientId, body });
  }
}
