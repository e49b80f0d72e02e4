import type { LayerGap } from "@multichat/channels/layer";
import type { HistoryConnection } from "../history/history-server.ts";

/** The listener of a pub/sub connection. */
export interface PubSubListener {
  message(topic: string, bytes: Buffer): void;
  /** Every subscription is active again after the server was unavailable (L11). */
  gap(gap: LayerGap): void;
  /** The server refused the subscription, which is given up. */
  refused(topic: string, error: Error): void;
}

/** Publishes and subscribes to topics of one Redis: a server, or a cluster. */
export interface PubSubConnection extends HistoryConnection {
  /** Resolves at the first connection; rejects when there is none within the layer's timeout. */
  ready(): Promise<void>;
  /** @returns how many connections received it. Rejects while the server is unavailable: nothing is kept for later. */
  publish(topic: string, bytes: Buffer): Promise<number>;
  /** Returns how many connections are subscribed to the topic. Rejects while the server is unavailable. */
  countSubscribers(topic: string): Promise<number>;
  /** Deletes the keys that match a pattern, on every node. Rejects while one is unavailable. */
  deleteKeys(pattern: string): Promise<void>;
  /**
   * Resolves when the server has confirmed; rejects when it refuses, or when there was no first connection in time.
   * While the server is unavailable it resolves at once: the subscription is made with all others on reconnect, and the gap is
   * reported then.
   */
  subscribe(topic: string): Promise<void>;
  unsubscribe(topic: string): void;
  /** Whether the topic is subscribed to: a message may still arrive after its subscription has ended. */
  isSubscribed(topic: string): boolean;
  /** Subscribes to every topic that starts with this, until `close`. */
  subscribePrefix(prefix: string): Promise<void>;
  close(): Promise<void>;
}
