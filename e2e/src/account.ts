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

/** A user signed in without a browser, who prepares quickly what a page then shows. */
export interface Account {
  readonly username: string;
  /** Sends an HTTP request to a path below `/api`. */
  readonly request: (method: "GET" | "POST" | "PATCH" | "DELETE", path: string, body?: object) => Promise<ApiResponse>;
  /** Sends a command over a connection of its own, which stays open, so the user is online from then on. */
  readonly command: <N extends CommandName>(name: N, params: CommandParams<N>) => Promise<CommandResult<N>>;
  /** @throws if the server refuses it */
  readonly post: (room: number, body: string, replyTo?: string) => Promise<Message>;
  /** @throws if the server refuses it */
  readonly createRoom: (room: NewRoom) => Promise<Room>;
  /** Closes the connection of the commands. */
  readonly disconnect: () => void;
}

export async function openAccount(server: ChatServer, username: string, password = PASSWORD): Promise<Account> {
  const headers = { origin: server.url, "content-type": "application/json" };
  const response = await fetch(`${server.url}/api/auth/sign-in/username?token=1`, {
    method: "POST",
    headers,
    body: JSON.stringify({ username, password }),
  });
  const { token } = (await response.json()) as { token?: string };
  if (token === undefined) throw new Error(`expected ${username} to sign in, got status ${response.status}`);

  const request: Account["request"] = async (method, path, body) => {
    const response = await fetch(`${server.url}/api${path}`, {
      method,
      headers: { origin: server.url, authorization: `Bearer ${token}`, ...(body === undefined ? {} : headers) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? null : JSON.parse(text) };
  };
  const create = async (path: string, body: object): Promise<unknown> => {
    const { status, body: created } = await request("POST", path, body);
    if (status >= 300) throw new Error(`${username}: POST ${path} failed with ${status} ${JSON.stringify(created)}`);
    return created;
  };

  let client: Client | undefined;
  let postCount = 0;
  return {
    username,
    request,
    command: async (name, params) => {
      client ??= createClient({ url: server.url, token });
      await connectionOpened(client);
      return client.request(name, params);
    },
    post: async (room, body, replyTo) => {
      postCount += 1;
      const created = await create(`/rooms/${room}/messages`, {
        clientId: `account-${process.hrtime.bigint()}-${postCount}`,
        body,
        ...(replyTo === undefined ? {} : { replyTo }),
      });
      return (created as { message: Message }).message;
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
