import type { CommandName, CommandParams, CommandResult, ServerEvent, WireError } from "@multichat/protocol";
import { SUBPROTOCOL } from "@multichat/protocol";
import type { TestChat } from "./chat-server.ts";
import { Socket, type SocketOptions } from "./socket.ts";

/** The event with this name. Some events have one shape for two names. */
type EventOn<On extends ServerEvent["on"], Event = ServerEvent> = Event extends { readonly on: infer Names }
  ? On extends Names
    ? Event & { readonly on: On }
    : never
  : never;

type Answer<T> = { readonly re: number | null; readonly ok?: T; readonly error?: WireError };

/** A socket that speaks `multichat.v1`, as far as tests of the server need it. */
export class ChatClient extends Socket {
  #nextId = 1_000;

  constructor(url: string, options: SocketOptions = {}) {
    super(`${url}/ws`, { protocols: [SUBPROTOCOL], ...options });
  }

  /** Opens a connection with the user's session. */
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

  /** Waits for the reply to a command. */
  async reply<N extends CommandName = CommandName>(id: number | null): Promise<Answer<CommandResult<N>>> {
    return await this.until(() => this.replies(id)[0] ?? false);
  }

  replies(id: number | null): Answer<never>[] {
    return this.received.filter((got) => (got as { re?: unknown }).re === id) as Answer<never>[];
  }

  async ask<N extends CommandName>(name: N, params: CommandParams<N>): Promise<Answer<CommandResult<N>>> {
    return await this.reply<N>(this.begin(name, params));
  }

  /** Runs a command and returns its result. @throws Error when it is refused. */
  async do<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>> {
    const { ok, error } = await this.ask(name, params);
    if (ok === undefined) throw new Error(`expected ${name} to succeed, got ${JSON.stringify(error)}`);
    return ok;
  }

  /** Runs a command and returns its error. @throws Error when it succeeds. */
  async refusal<N extends CommandName>(name: N, params: CommandParams<N>): Promise<WireError> {
    const { error } = await this.ask(name, params);
    if (error === undefined) throw new Error(`expected ${name} to be refused, but it succeeded`);
    return error;
  }

  /** Waits for an event that matches, among those received before and after the call. */
  async event<On extends ServerEvent["on"]>(
    on: On,
    matches: (event: EventOn<On>) => boolean = () => true,
  ): Promise<EventOn<On>> {
    return await this.until(() => {
      // The name determines the type.
      const match = this.events.find((event) => event.on === on && matches(event as unknown as EventOn<On>));
      return (match as unknown as EventOn<On> | undefined) ?? false;
    });
  }

  /** Returns how many differences have named the user, alone or with others. */
  timesNamed(kind: "entered" | "exited", username: string): number {
    return this.events.filter((event) => {
      if (event.on === "room.occupancy") return event[kind]?.some((user) => user.username === username) === true;
      const isSingle = event.on === "room.entered" || event.on === "room.exited";
      return isSingle && event.on === `room.${kind}` && event.user.username === username;
    }).length;
  }

  /** Waits until a difference has named the user, alone or with others. */
  async named(kind: "entered" | "exited", username: string): Promise<void> {
    await this.until(() => this.timesNamed(kind, username) > 0);
  }

  /** Resolves when everything sent before has been handled and its effects on this connection have arrived. */
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
