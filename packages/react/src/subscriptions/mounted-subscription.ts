import type { Resumption, SubscribeOptions, Subscription, SubscriptionState } from "@multichat/channels-client";
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
  #ready = Promise.withResolvers<Reply>();
  #latest: Latest<Reply>;
  #subscription: Subscription<Reply> | undefined;
  #mounts = 0;
  /** `ready` has rejected, so that the next subscription needs another one. */
  #hasRejected = false;

  constructor(target: Target<Reply>, latest: Latest<Reply>) {
    this.#target = target;
    this.#latest = latest;
    this.state = new Store<MountedState<Reply>>({ phase: "pending", reply: undefined, ready: this.#ready.promise });
    this.#ignoreRejection();
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
    if (this.#hasRejected) {
      this.#hasRejected = false;
      this.#ready = Promise.withResolvers<Reply>();
      this.#ignoreRejection();
    }
    const { client, command, key } = this.#target;
    const subscription = client.subscribe(
      command,
      () => {
        const { input } = this.#latest;
        return typeof input === "function" ? (input as () => object)() : input;
      },
      this.#options(key),
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
        if (this.#subscription !== subscription) return;
        this.#hasRejected = true;
        this.#ready.reject(error);
      },
    );
  }

  /** The client reads them when it needs them, and so gets those of the latest render. */
  #options(key: string): SubscribeOptions<Reply> {
    const latest = () => this.#latest.options;
    const options = {
      key,
      onReply: (reply: Reply, resumption: Resumption) => latest().onReply?.(reply, resumption),
      onError: (error: unknown) => latest().onError?.(error),
      get on() {
        return latest().on;
      },
      get leave() {
        return latest().leave;
      },
      get timeoutMs() {
        return latest().timeoutMs;
      },
      get maxBuffered() {
        return latest().maxBuffered;
      },
    };
    // Undefined is as good as left out.
    return options as SubscribeOptions<Reply>;
  }

  /** Not every component waits for it. */
  #ignoreRejection(): void {
    this.#ready.promise.catch(() => {});
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
