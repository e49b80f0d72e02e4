import { type Client, createClient } from "@multichat/client";
import type { CommandName, CommandParams, CommandResult, Message, Room } from "@multichat/protocol";
import type { ChatServer } from "./chat-server.ts";
import { PASSWORD } from "./fixture.ts";

export interface ApiResponse {
  readonly status: number;
  readonly body: unknown;
}

interface NewRoom {
  readonly title: string;
  readonly topic?: string;
  readonly private?: boolean;
}

/** Somebody signed in without a browser: does in a moment what a page would take long for, so that a page can look at it. */
export interface Account {
  readonly username: string;
  /** Over HTTP, below `/api`. */
  readonly request: (method: "GET" | "POST" | "PATCH" | "DELETE", path: string, body?: object) => Promise<ApiResponse>;
  /** A command over a connection of its own, which stays open: the person is there from then on. */
  readonly command: <N extends CommandName>(name: N, params: CommandParams<N>) => Promise<CommandResult<N>>;
  /** @throws where it is refused */
  readonly post: (room: number, body: string, replyTo?: string) => Promise<Message>;
  /** @throws where it is refused */
  readonly createRoom: (room: NewRoom) => Promise<Room>;
  /** Ends the connection that commands went over. */
  readonly disconnect: () => void;
}

export async function openAccount(server: ChatServer, username: string, password = PASSWORD): Promise<Account> {
  const headers = { origin: server.url, "content-type": "application/json" };
  const signedIn = await fetch(`${server.url}/api/auth/sign-in/username`, {
    method: "POST",
    headers,
    body: JSON.stringify({ username, password }),
  });
  const { token } = (await signedIn.json()) as { token?: string };
  if (token === undefined) throw new Error(`${username} could not sign in: the server answered ${signedIn.status}`);

  const request: Account["request"] = async (method, path, body) => {
    const answer = await fetch(`${server.url}/api${path}`, {
      method,
      headers: { origin: server.url, authorization: `Bearer ${token}`, ...(body === undefined ? {} : headers) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
  };
  const create = async (path: string, body: object): Promise<unknown> => {
    const { status, body: told } = await request("POST", path, body);
    if (status >= 300) throw new Error(`${username}: POST ${path} was answered with ${status} ${JSON.stringify(told)}`);
    return told;
  };

  let client: Client | undefined;
  let named = 0;
  return {
    username,
    request,
    command: async (name, params) => {
      client ??= createClient({ url: server.url, token });
      await connectionOpened(client);
      return client.request(name, params);
    },
    post: async (room, body, replyTo) => {
      named += 1;
      const answer = await create(`/rooms/${room}/messages`, {
        clientId: `account-${process.hrtime.bigint()}-${named}`,
        body,
        ...(replyTo === undefined ? {} : { replyTo }),
      });
      return (answer as { message: Message }).message;
    },
    createRoom: async (room) => ((await create("/rooms", room)) as { room: Room }).room,
    disconnect: () => client?.disconnect(),
  };
}

async function connectionOpened(client: Client): Promise<void> {
  if (client.state.phase === "open") return;
  await new Promise<void>((resolve) => {
    const stop = client.connection.subscribe(() => {
      if (client.state.phase !== "open") return;
      stop();
      resolve();
    });
    client.connect();
  });
}
