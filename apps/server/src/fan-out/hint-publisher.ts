import type { ChannelLayer } from "@multichat/channels";
import { groupOf, type Hint } from "./hints.ts";

export interface HintPublisherOptions {
  readonly layer: Pick<ChannelLayer, "groupSend">;
  /** The id of this process. */
  readonly origin: string;
  /** Whether the database announces every commit to the other processes, so that hints at commits say nothing new. */
  readonly areCommitsAnnounced: boolean;
  /** Whether there is a process to send hints to. @default always */
  readonly hasPeers?: (() => boolean) | undefined;
  /** Called for each hint that the layer did not accept. */
  readonly onLost: (error: unknown, type: string) => void;
}

/** Sends hints to the other server processes. */
export class HintPublisher {
  readonly #options: HintPublisherOptions;

  constructor(options: HintPublisherOptions) {
    this.#options = options;
  }

  /** Never rejects: what a lost hint points at is also in the change feed. */
  async publish(hint: Hint): Promise<void> {
    const { layer, origin, areCommitsAnnounced, hasPeers, onLost } = this.#options;
    if (hasPeers?.() === false) return;
    if (areCommitsAnnounced && (hint.type === "log.event" || hint.type === "changes.committed")) return;
    try {
      await layer.groupSend(groupOf(hint), { ...hint, from: origin });
    } catch (error) {
      onLost(error, hint.type);
    }
  }
}
