import type { LayerMessage } from "@multichat/channels";
import type { MessageTarget } from "@multichat/channels-redis";
import type { HintReceiver } from "./hint-receiver.ts";
import { isProbe } from "./layer-probe.ts";
import type { RejectedMessages } from "./rejected-messages.ts";

/**
 * Stands between Redis and the connections: nothing that arrives from Redis is delivered to one. Hints go to the receiver once
 * it is open, the probe's own messages to the probe, and everything else is rejected.
 */
export class HintGate {
  readonly #rejected: RejectedMessages;
  #receiver: Pick<HintReceiver, "receive"> | undefined;

  constructor(rejected: RejectedMessages) {
    this.#rejected = rejected;
  }

  open(receiver: Pick<HintReceiver, "receive">): void {
    this.#receiver = receiver;
  }

  /** Returns whether the layer delivers the message. */
  accept(message: LayerMessage, target: MessageTarget): boolean {
    if ("channel" in target) {
      // No process sends to a channel of another one.
      this.#rejected.add("unexpected", message.type);
      return false;
    }
    if (isProbe(message, target.group)) return true;
    this.#receiver?.receive(message, target.group);
    return false;
  }
}
