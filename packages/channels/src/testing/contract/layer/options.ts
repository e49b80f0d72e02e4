import type { ChannelLayer } from "../../../layer/channel-layer.ts";
import type { LayerOptions } from "../../../layer/layer-options.ts";

/** The options that the suite passes to a layer. */
export interface ContractLayerOptions extends LayerOptions {
  /** Layers with the same prefix share channels and groups; layers with different prefixes share nothing (L10). */
  readonly prefix: string;
}

/** Creates the layer under test. The suite closes it. */
export type LayerFactory = (options: ContractLayerOptions) => ChannelLayer | Promise<ChannelLayer>;

/** A capability that some layers lack. */
export type LayerCapability =
  /** Messages wait for a later listener. */
  | "waiting"
  /** Messages wait for a later listener on a channel whose name is not from `newChannel`. */
  | "namedWaiting"
  /** When `send` or `groupSend` resolves, the message has reached its listeners. */
  | "instant"
  /** A reported drop names the message's group. */
  | "groupDrops"
  /** `send` rejects when a listener's mailbox is full. */
  | "backpressure"
  /** Messages that expire while they wait are counted and reported. */
  | "expiryReports"
  /** Memberships expire. */
  | "groupExpiry"
  /** Messages can contain bytes. */
  | "bytes"
  /** Messages can contain integers beyond 2^53. */
  | "bigint"
  /** Two layers with the same prefix share channels and groups. */
  | "peers"
  /** The layer has a server that it can lose. */
  | "server"
  /** The layer keeps the history of groups. */
  | "history"
  /** The layer has `localMembers`, which `GroupControl` needs. */
  | "groupControl"
  /** The layer has `groupProcesses`, by which `GroupControl` knows how many processes have not answered. */
  | "groupProcesses";

/** Controls the connection of layers to their server. */
export interface ContractServer {
  /** Disconnects all layers; resolves when they are disconnected. */
  disconnect(): Promise<void>;
  /** Allows layers to reconnect; need not wait until they have. */
  reconnect(): Promise<void>;
}

/** The options of the contract suite. */
export interface LayerContractOptions {
  /**
   * The capabilities that the layer lacks, each with the reason, which the titles of the skipped tests show.
   * @default {}
   */
  readonly unsupported?: Readonly<Partial<Record<LayerCapability, string>>>;
  /**
   * "stepped" passes a clock that the suite advances; "real" waits on the system's clock where a test needs time.
   * @default "real"
   */
  readonly time?: "stepped" | "real";
  /**
   * The expiry in the tests of L7, in milliseconds.
   * @default 400
   */
  readonly expiryMs?: number;
  /** Disconnects and reconnects the layers; required unless `unsupported.server` gives a reason. */
  readonly server?: ContractServer;
  /** Lists what the server still stores for a prefix, such as keys. The leak test expects an empty list. */
  readonly listLeftovers?: (prefix: string) => Promise<readonly string[]>;
  /**
   * Number of runs of each property-based test.
   * @default 100
   */
  readonly runs?: number;
  /**
   * Number of subscriptions in the leak test.
   * @default 10_000
   */
  readonly leakCycles?: number;
}

/** The number of a rule. */
export type LayerRule =
  `L${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16 | 17 | 18 | 19 | 20 | 21 | 22}`;
