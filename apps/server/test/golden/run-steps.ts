import { eventually } from "@multichat/channels/testing";
import { expect } from "vitest";
import type { TestChat } from "../support/chat-server.ts";
import { ClassicClient } from "../support/classic-client.ts";
import type { Step } from "./golden-file.ts";

/** A room that no case of the file touches. */
const FENCE_ROOM = 49;
const CLASSIC = "/chat/stream/";

interface Connect {
  readonly path: string;
  readonly user?: string;
  readonly cookie?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a step of a mended case may do beside the file's own: something that happens to the server. */
export type Happening = (chat: TestChat) => Promise<void>;

/** Where what a room is told goes over a server, it comes back at a time of its own. */
interface OverServer {
  /** Somebody who is in no case. */
  readonly bystander: string;
}

/**
 * Runs the steps of one case in order, as the file's `how` says, over real sockets.
 *
 * @param over Left out: rooms are told at once, and all frames are compared as they came.
 */
export async function runSteps(chat: TestChat, steps: readonly (Step | Happening)[], over?: OverServer): Promise<void> {
  const order = over === undefined ? (frames: readonly unknown[]) => frames : answersAndTraffic;
  const bystander = over === undefined ? undefined : await connect(chat, { path: CLASSIC, user: over.bystander });
  const clients = new Map<string, ClassicClient>();
  const at = (name: string): ClassicClient => {
    const client = clients.get(name);
    if (client === undefined) throw new Error(`expected ${name} to connect first`);
    return client;
  };
  try {
    for (const [index, step] of steps.entries()) {
      if (typeof step === "function") {
        await step(chat);
        continue;
      }
      const [name, act, what] = step;
      switch (act) {
        case "connect":
          clients.set(name, await connect(chat, what as Connect));
          break;
        case "send":
          sendTo(at(name), what as string | { binary_utf8: string });
          break;
        case "burst":
          for (const text of what as string[]) at(name).send(text);
          break;
        case "fragments":
          sendFragments(at(name), what as string[]);
          break;
        case "ping":
          at(name).ws.ping((what as { data: string }).data);
          break;
        case "close":
          at(name).ws.close((what as { code: number }).code);
          break;
        case "terminate":
          at(name).ws.terminate();
          break;
        case "gets": {
          const expected = what as unknown[];
          await at(name).hasGot(expected.length);
          if (bystander !== undefined) await passThrough(bystander);
          const got = await at(name).gets(expected.length, [...clients.values()]);
          expect(order(got), `step ${index + 1}: what ${name} gets`).toEqual(order(expected));
          break;
        }
        default:
          throw new Error(`expected a step that the file's "how" names, got ${act}`);
      }
    }
  } finally {
    if (bystander !== undefined) clients.set("a bystander", bystander);
    for (const client of clients.values()) client.ws.terminate();
    await Promise.all([...clients.values()].map((client) => client.settled()));
    // What the case left behind is over before the next begins.
    await everybodyOut(chat);
  }
}

/** Who leaves a room is answered when everything that was told before has come back: what is still on its way comes first. */
async function passThrough(bystander: ClassicClient): Promise<void> {
  bystander.send({ command: "join", room: FENCE_ROOM });
  bystander.send({ command: "leave", room: FENCE_ROOM });
  await bystander.until(() => bystander.received.some((got) => (got as { leave?: unknown }).leave !== undefined));
  bystander.received.splice(0);
}

/** A connection's answers and what comes from rooms, each in its order: all that a way over a server leaves certain. */
function answersAndTraffic(frames: readonly unknown[]): unknown[] {
  const fromRoom = (frame: unknown): boolean => "msg_type" in (frame as object);
  return [...frames.filter((frame) => !fromRoom(frame)), ...frames.filter(fromRoom)];
}

async function connect(chat: TestChat, { path, user, cookie, headers }: Connect): Promise<ClassicClient> {
  const session = user === undefined ? await cookieOf(chat, cookie) : (await chat.session(user)).cookie;
  const client = new ClassicClient(`${chat.socketUrl}${path}`, {
    cookie: session,
    fenceRoom: FENCE_ROOM,
    ...(headers === undefined ? {} : { headers }),
  });
  return await client.settled();
}

/** The file writes `sessionid=<session of alice>` for whatever cookie the server sets. */
async function cookieOf(chat: TestChat, cookie: string | undefined): Promise<string | undefined> {
  const placeholder = /sessionid=<session of (?<user>\w+)>/.exec(cookie ?? "");
  const user = placeholder?.groups?.user;
  return placeholder === null || user === undefined
    ? cookie
    : cookie?.replace(placeholder[0], (await chat.session(user)).cookie);
}

function sendTo(client: ClassicClient, what: string | { readonly binary_utf8: string }): void {
  if (typeof what === "string") client.send(what);
  else client.ws.send(Buffer.from(what.binary_utf8), { binary: true });
}

function sendFragments(client: ClassicClient, parts: readonly string[]): void {
  for (const [index, part] of parts.entries()) client.ws.send(part, { fin: index === parts.length - 1, binary: false });
}

async function everybodyOut(chat: TestChat): Promise<void> {
  await eventually(async () => {
    const text = await (await fetch(`${chat.url}/metrics`)).text();
    // A connection's memberships end when its rooms have been told that it left; the server has three of its own.
    return /^multichat_connections 0$/m.test(text) && /^multichat_layer_memberships 3$/m.test(text);
  });
}
