import { LIMITS } from "@multichat/protocol";
import { type Clock, systemClock } from "../core/clock.ts";
import { defaultEnvironment, type Environment } from "../core/environment.ts";
import { createUuidGenerator } from "../core/uuid.ts";
import { lockedTabs, singleTab, type Tabs } from "../outbox/tabs.ts";
import { indexedDbOutbox } from "../storage/indexed-db.ts";
import { memoryOutbox } from "../storage/memory-storage.ts";
import type { OutboxStorage } from "../storage/outbox-storage.ts";
import type { StateStorage } from "../storage/state-storage.ts";
import { type SendWithProgress, xhrUpload } from "../transport/file-transfer.ts";
import { serverUrls } from "../transport/server-urls.ts";
import { checkSignedIn, type Fetch } from "../transport/sign-in-check.ts";
import type { SocketFactory } from "../transport/socket.ts";
import type { ClientOptions } from "./client-options.ts";

/** The options with their defaults, in the form that the parts of the client take. */
export interface ResolvedOptions {
  /** The WebSocket's URL. */
  readonly url: string;
  /** The URL of the HTTP API, without a slash at the end. */
  readonly apiUrl: string;
  readonly fetch: Fetch;
  readonly sendWithProgress: SendWithProgress | undefined;
  readonly token: string | undefined;
  readonly openSocket: SocketFactory;
  readonly isSignedIn: () => Promise<boolean | undefined>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly environment: Environment;
  readonly outboxStorage: OutboxStorage;
  readonly stateStorage: StateStorage | undefined;
  readonly onStorageError: (error: unknown) => void;
  readonly tabs: Tabs;
  readonly newId: () => string;
  readonly subscribeTo: "listed" | "opened";
  readonly maxMessages: number;
  readonly maxIdleRooms: number;
  readonly maxUnsent: number;
  readonly pageSize: number;
  readonly commandsPerSecond: number | undefined;
  readonly replyTimeoutMs: number;
}

/** @throws TypeError when an option is out of its bounds. */
export function resolveOptions(options: ClientOptions): ResolvedOptions {
  const { token, clock = systemClock, fetch = globalThis.fetch } = options;
  const newId = createUuidGenerator(() => clock.now());
  const urls = serverUrls(options.url);
  return Object.freeze({
    url: urls.socket,
    apiUrl: urls.api,
    fetch,
    sendWithProgress: options.fetch === undefined && typeof XMLHttpRequest === "function" ? xhrUpload : undefined,
    token,
    openSocket: options.webSocket ?? globalWebSocket,
    isSignedIn: () => checkSignedIn({ url: `${urls.api}/me`, token, fetch, clock }),
    clock,
    random: options.random ?? Math.random,
    environment: options.environment ?? defaultEnvironment(),
    outboxStorage: options.outbox ?? (typeof indexedDB === "object" ? indexedDbOutbox() : memoryOutbox()),
    stateStorage: options.storage,
    onStorageError: options.onStorageError ?? (() => {}),
    tabs: createTabs(newId()),
    newId,
    subscribeTo: options.subscribeTo ?? "listed",
    maxMessages: bounded("maxMessages", options.maxMessages ?? 2_000, 200, 100_000),
    maxIdleRooms: bounded("maxIdleRooms", options.maxIdleRooms ?? 20, 0, 1_000),
    maxUnsent: bounded("maxUnsent", options.maxUnsent ?? 1_000, 1, 100_000),
    pageSize: bounded("pageSize", options.pageSize ?? 50, 1, LIMITS.historyPage),
    commandsPerSecond:
      options.commandsPerSecond === undefined
        ? undefined
        : bounded("commandsPerSecond", options.commandsPerSecond, 1, 10_000),
    replyTimeoutMs: bounded("replyTimeoutMs", options.replyTimeoutMs ?? 15_000, 1, 600_000),
  });
}

function bounded(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new TypeError(`Expected the option ${name} to be a whole number from ${min} to ${max}, got ${value}.`);
}

function createTabs(self: string): Tabs {
  return typeof document === "object" && navigator.locks !== undefined
    ? lockedTabs(navigator.locks, self)
    : singleTab(self);
}

const globalWebSocket: SocketFactory = (url, protocols) => new WebSocket(url, protocols);
