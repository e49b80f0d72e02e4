import { LIMITS } from "@multichat/protocol";
import { type Clock, systemClock } from "../core/clock.ts";
import { defaultEnvironment, type Environment } from "../core/environment.ts";
import { uuidMaker } from "../core/uuid.ts";
import type { OutboxStorage } from "../model/outbox-message.ts";
import { lockedTabs, onlyTab, type Tabs } from "../outbox/tabs.ts";
import { indexedDbOutbox } from "../storage/indexed-db.ts";
import { memoryOutbox } from "../storage/memory-storage.ts";
import type { StateStorage } from "../storage/state-storage.ts";
import { type ServerUrls, serverUrls } from "../transport/server-urls.ts";
import type { SocketFactory } from "../transport/socket.ts";
import type { ClientOptions } from "./client-options.ts";

/** Milliseconds that the question whether one is signed in may take. */
const SIGNED_IN_PATIENCE = 10_000;

/** Options with everything decided. */
export interface ResolvedOptions {
  readonly addresses: ServerUrls;
  readonly token: string | undefined;
  readonly openSocket: SocketFactory;
  readonly signedIn: () => Promise<boolean | undefined>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly environment: Environment;
  readonly outbox: OutboxStorage;
  readonly storage: StateStorage | undefined;
  readonly storageFailed: (error: unknown) => void;
  readonly tabs: Tabs;
  readonly newId: () => string;
  readonly subscribeTo: "listed" | "opened";
  readonly maxMessages: number;
  readonly maxIdleRooms: number;
  readonly maxUnsent: number;
  readonly pageSize: number;
  readonly commandsPerSecond: number;
  readonly replyTimeoutMs: number;
}

/** @throws TypeError when an option is out of its bounds. */
export function resolveOptions(options: ClientOptions): ResolvedOptions {
  const clock = options.clock ?? systemClock;
  const newId = uuidMaker(() => clock.now());
  const addresses = serverUrls(options.url);
  return Object.freeze({
    addresses,
    token: options.token,
    openSocket: options.webSocket ?? globalSocket,
    signedIn: () => askSignedIn(addresses.me, options, clock),
    clock,
    random: options.random ?? Math.random,
    environment: options.environment ?? defaultEnvironment(),
    outbox: options.outbox ?? (typeof indexedDB === "object" ? indexedDbOutbox() : memoryOutbox()),
    storage: options.storage,
    storageFailed: options.onStorageError ?? (() => {}),
    tabs: tabsOf(newId()),
    newId,
    subscribeTo: options.subscribeTo ?? "listed",
    maxMessages: bounded("maxMessages", options.maxMessages ?? 2_000, 200, 100_000),
    maxIdleRooms: bounded("maxIdleRooms", options.maxIdleRooms ?? 20, 0, 1_000),
    maxUnsent: bounded("maxUnsent", options.maxUnsent ?? 1_000, 1, 100_000),
    pageSize: bounded("pageSize", options.pageSize ?? 50, 1, LIMITS.historyPage),
    // A little below what a server allows by default: its clock and this one do not tick together.
    commandsPerSecond: bounded(
      "commandsPerSecond",
      options.commandsPerSecond ?? 0.8 * LIMITS.commandsPerSecond,
      1,
      10_000,
    ),
    replyTimeoutMs: bounded("replyTimeoutMs", options.replyTimeoutMs ?? 15_000, 1, 600_000),
  });
}

function bounded(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new TypeError(`Expected the option ${name} to be a whole number from ${min} to ${max}, got ${value}.`);
}

function tabsOf(self: string): Tabs {
  return typeof document === "object" && navigator.locks !== undefined
    ? lockedTabs(navigator.locks, self)
    : onlyTab(self);
}

const globalSocket: SocketFactory = (url, protocols) => new WebSocket(url, protocols);

/** A browser cannot see that a handshake was refused with 401. undefined: the server did not answer. */
async function askSignedIn(url: string, options: ClientOptions, clock: Clock): Promise<boolean | undefined> {
  const fetch = options.fetch ?? globalThis.fetch;
  const patience = new AbortController();
  const stop = clock.after(SIGNED_IN_PATIENCE, () => patience.abort());
  try {
    const response = await fetch(url, {
      credentials: "include",
      cache: "no-store",
      signal: patience.signal,
      ...(options.token === undefined ? {} : { headers: { authorization: `Bearer ${options.token}` } }),
    });
    return response.status === 401 ? false : response.ok ? true : undefined;
  } catch {
    return undefined;
  } finally {
    stop();
  }
}
