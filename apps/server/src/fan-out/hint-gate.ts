import type { LayerMessage } from "@multichat/channels";
import type { HintReceiver } from "./hint-receiver.ts";
import { isProbe } from "./layer-probe.ts";
import type { RejectedMessages } from "./rejected-messages.ts";

/**
 * Stands between the other processes and the connections: nothing that arrives over Redis or the database is delivered to one. Hints go to the receiver once
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
  accept(message: LayerMessage, target: { readonly group: string } | { readonly channel: string }): boolean {
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
