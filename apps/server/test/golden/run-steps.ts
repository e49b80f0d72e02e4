import { eventually } from "@multichat/channels/testing";
import { expect } from "vitest";
import type { TestChat } from "../support/chat-server.ts";
import { ClassicClient } from "../support/classic-client.ts";
import type { Step } from "./golden-file.ts";

/** A room that no recorded case uses. */
const FENCE_ROOM = 49;
const CLASSIC = "/chat/stream/";

interface Connect {
  readonly path: string;
  readonly user?: string;
  readonly cookie?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A step that changes the server, in addition to the recorded kinds of step. */
export type ServerAction = (chat: TestChat) => Promise<void>;

/** Set if events pass through an external server such as Redis, and so arrive later than replies. */
interface ExternalLayer {
  /** A user who takes part in no case. */
  readonly bystander: string;
}

/**
 * Runs the steps of a case in order over real sockets, as `how` in the recording describes.
 *
 * @param over Omitted: events are delivered immediately, and all frames are compared in the order of arrival.
 */
export async function runSteps(
  chat: TestChat,
  steps: readonly (Step | ServerAction)[],
  over?: ExternalLayer,
): Promise<void> {
  const order = over === undefined ? (frames: readonly unknown[]) => frames : repliesBeforeEvents;
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
          if (bystander !== undefined) await awaitPendingEvents(bystander);
          const got = await at(name).gets(expected.length, [...clients.values()]);
          expect(order(got), `step ${index + 1}: frames of ${name}`).toEqual(order(expected));
          break;
        }
        default:
          throw new Error(`expected a step described in "how" of the recording, got ${act}`);
      }
    }
  } finally {
    if (bystander !== undefined) clients.set("a bystander", bystander);
    for (const client of clients.values()) client.ws.terminate();
    await Promise.all([...clients.values()].map((client) => client.settled()));
    // Waits for the end of the connections before the next case begins.
    await waitUntilEmpty(chat);
  }
}

/** Waits until earlier events have arrived: a leave is answered after everything published before it. */
async function awaitPendingEvents(bystander: ClassicClient): Promise<void> {
  bystander.send({ command: "join", room: FENCE_ROOM });
  bystander.send({ command: "leave", room: FENCE_ROOM });
  await bystander.until(() => bystander.received.some((got) => (got as { leave?: unknown }).leave !== undefined));
  bystander.received.splice(0);
}

/** Sorts replies before events, keeping the order of each: an external server guarantees no more. */
function repliesBeforeEvents(frames: readonly unknown[]): unknown[] {
  const fromRoom = (frame: unknown): boolean => "msg_type" in (frame as object);
  return [...frames.filter((frame) => !fromRoom(frame)), ...frames.filter(fromRoom)];
}

async function connect(chat: TestChat, { path, user, cookie, headers }: Connect): Promise<ClassicClient> {
  const session = user === undefined ? await resolveCookie(chat, cookie) : (await chat.session(user)).cookie;
  const client = new ClassicClient(`${chat.socketUrl}${path}`, {
    cookie: session,
    fenceRoom: FENCE_ROOM,
    ...(headers === undefined ? {} : { headers }),
  });
  return await client.settled();
}

/** Replaces the placeholder `sessionid=<session of alice>` of the recording with the cookie of the server. */
async function resolveCookie(chat: TestChat, cookie: string | undefined): Promise<string | undefined> {
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

async function waitUntilEmpty(chat: TestChat): Promise<void> {
  await eventually(async () => {
    const text = await (await fetch(`${chat.url}/metrics`)).text();
    // Memberships of a connection end after its rooms were notified; the server itself has two.
    return /^multichat_connections 0$/m.test(text) && /^multichat_layer_memberships 2$/m.test(text);
  });
}
