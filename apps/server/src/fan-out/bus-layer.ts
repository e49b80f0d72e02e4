import {
  type GroupPosition,
  type GroupSendOptions,
  InMemoryLayer,
  isChannelsError,
  type LayerMessage,
} from "@multichat/channels";
import { checkChannelName } from "@multichat/channels/layer";

export interface BusLayerOptions {
  /** Sends a message to every process, also to this one. @throws where it is lost. */
  readonly publish: (message: object) => void;
  /** Handles what arrives for a group; returns whether to deliver it as it is. */
  readonly accept: (message: LayerMessage, target: { readonly group: string }) => boolean;
  /** Called with why a message that arrived was not delivered. */
  readonly onError: (error: unknown, group: string) => void;
}

/**
 * The layer of several servers that only their database connects. Its channels and groups are those of this process; what is
 * sent to a group goes to every process, whose `receiveFromBus` takes it.
 */
export class BusLayer extends InMemoryLayer {
  readonly #options: BusLayerOptions;

  constructor(options: BusLayerOptions) {
    super();
    this.#options = options;
  }

  override async groupSend(
    group: string,
    message: LayerMessage,
    { except }: GroupSendOptions = {},
  ): Promise<GroupPosition | undefined> {
    if (except !== undefined) checkChannelName(except);
    this.#options.publish({ group, message, ...(except === undefined ? {} : { except }) });
    return undefined;
  }

  groupSendLocal(group: string, message: LayerMessage, options?: GroupSendOptions): Promise<unknown> {
    return super.groupSend(group, message, options);
  }

  /** Takes a message of any process. Never rejects. */
  async receiveFromBus(group: string, message: LayerMessage, options?: GroupSendOptions): Promise<void> {
    try {
      if (this.#options.accept(message, { group })) await this.groupSendLocal(group, message, options);
    } catch (error) {
      // A layer that is closed has no members that could miss it.
      if (!isChannelsError(error, "LayerClosed")) this.#options.onError(error, group);
    }
  }
}
