import type { SubscribeOptions, Subscription, SubscriptionState } from "@multichat/channels-client";
import { Store } from "../core/store.ts";

/** What the subscription needs of a client, whatever its protocol. */
export interface SubscribingClient<Reply> {
  subscribe(name: string, input: () => object, options: SubscribeOptions<Reply>): Subscription<Reply>;
}

export type MountedState<Reply> = SubscriptionState<Reply> & { readonly ready: Promise<Reply> };

interface Target<Reply> {
  readonly client: SubscribingClient<Reply>;
  readonly command: string;
  readonly key: string;
}

/** What the latest render has passed. */
export interface Latest<Reply> {
  readonly input: object | (() => object);
  readonly options: SubscribeOptions<Reply>;
}

/**
 * A subscription that lasts while a component is mounted. Rendering makes it and has no other effect. It ends a microtask after the
 * unmount, and goes on if the component, or another one with its key, was mounted meanwhile: React mounts twice in StrictMode.
 */
export class MountedSubscription<Reply> {
  readonly state: Store<MountedState<Reply>>;
  readonly #target: Target<Reply>;
  readonly #ready = Promise.withResolvers<Reply>();
  #latest: Latest<Reply>;
  #subscription: Subscription<Reply> | undefined;
  #mounts = 0;

  constructor(target: Target<Reply>, latest: Latest<Reply>) {
    this.#target = target;
    this.#latest = latest;
    this.state = new Store<MountedState<Reply>>({ phase: "pending", reply: undefined, ready: this.#ready.promise });
    // Not every component waits for it.
    this.#ready.promise.catch(() => {});
  }

  update(latest: Latest<Reply>): void {
    this.#latest = latest;
  }

  readonly mount = (): (() => void) => {
    this.#mounts += 1;
    if (this.#subscription === undefined) this.#start();
    return () => {
      this.#mounts -= 1;
      queueMicrotask(() => {
        if (this.#mounts === 0) this.#stop();
      });
    };
  };

  #start(): void {
    const { client, command, key } = this.#target;
    const { on = {}, leave, timeoutMs, maxBuffered } = this.#latest.options;
    const events = Object.keys(on).map((name) => [
      name,
      // The types of the hook pair events with listeners.
      (payload: never) => this.#latest.options.on?.[name]?.(payload),
    ]);
    const subscription = client.subscribe(
      command,
      () => {
        const { input } = this.#latest;
        return typeof input === "function" ? (input as () => object)() : input;
      },
      {
        key,
        on: Object.fromEntries(events),
        onReply: (reply, resumption) => this.#latest.options.onReply?.(reply, resumption),
        onError: (error) => this.#latest.options.onError?.(error),
        ...(leave === undefined ? {} : { leave: () => this.#latest.options.leave?.() ?? Promise.resolve() }),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(maxBuffered === undefined ? {} : { maxBuffered }),
      },
    );
    this.#subscription = subscription;
    const copy = () => {
      if (this.#subscription === subscription) this.#set(subscription.state.get());
    };
    subscription.state.subscribe(copy);
    copy();
    subscription.ready.then(
      (reply) => this.#ready.resolve(reply),
      (error: unknown) => {
        if (this.#subscription === subscription) this.#ready.reject(error);
      },
    );
  }

  #stop(): void {
    const subscription = this.#subscription;
    if (subscription === undefined) return;
    this.#subscription = undefined;
    subscription.end();
    this.#set({ phase: "pending", reply: this.state.get().reply });
  }

  #set(state: SubscriptionState<Reply>): void {
    this.state.set({ ...state, ready: this.#ready.promise });
  }
}
