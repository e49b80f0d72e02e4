import {
  ChannelsError,
  encoders,
  type Failure,
  type FailureOutcome,
  type MaybePromise,
  route,
  urlRouter,
  WebSocketConsumer,
} from "@multichat/channels";
import { WebsocketCommunicator } from "@multichat/channels/testing";
import { describe, expect, it } from "vitest";
import { connectClient, createClient, createLayer } from "./fixtures.ts";

type Acts = "receive" | "continue" | "event";

/** Fails in its handlers as its client asks; `fail` throws or rejects. */
class Fails extends WebSocketConsumer<{ "room.fail": { error: string } }> {
  static fail: (error: string) => MaybePromise<void> = (error) => {
    throw new Error(error);
  };

  override receive(text: string): MaybePromise<void> {
    const [act, error = ""] = text.split(" ") as [Acts | "echo", string?];
    if (act === "receive") return Fails.fail(error);
    if (act === "continue") return this.continueFrame(Promise.reject(new Error(error)));
    if (act === "event") return this.channelLayer.send(this.channelName, { type: "room.fail", error });
    this.send(error);
  }

  roomFail({ error }: { error: string }): MaybePromise<void> {
    return Fails.fail(error);
  }
}

const ACTS: readonly Acts[] = ["receive", "continue", "event"];

describe("C8 errors of a consumer", () => {
  it.each(ACTS)("%s: onError of the consumer keeps the connection, and the next frame is handled", async (act) => {
    const failures: [unknown, Failure["during"], string][] = [];
    class Keeps extends Fails {
      override onError(error: unknown, { during, consumer }: Failure): FailureOutcome {
        failures.push([error, during, consumer]);
        this.send(`failed: ${(error as Error).message}`);
        return "keep";
      }
    }
    const client = await connectClient(Keeps, { layers: createLayer().layers });
    client.send(`${act} once`);
    expect(await client.receive()).toBe("failed: once");
    client.send(`${act} twice`);
    expect(await client.receive()).toBe("failed: twice");
    client.send("echo still-here");
    expect(await client.receive()).toBe("still-here");
    const during = act === "event" ? "event" : "frame";
    expect(failures.map(([, ...rest]) => rest)).toEqual([
      [during, "Keeps"],
      [during, "Keeps"],
    ]);
    expect(client.errors).toHaveLength(2);
    expect(client.counters.handlerErrors).toBe(2);
    await client.disconnect();
  });

  it.each(ACTS)("%s: the server's onError decides where the consumer does not", async (act) => {
    for (const outcome of ["keep", "close", undefined] as const) {
      const reported: string[] = [];
      const onError = (error: unknown): FailureOutcome | undefined => {
        reported.push((error as Error).message);
        return outcome;
      };
      const client = await connectClient(Fails, { layers: createLayer().layers, onError });
      client.send(`${act} broken`);
      client.send("echo still-here");
      if (outcome === "keep") {
        expect(await client.receive()).toBe("still-here");
        await client.disconnect();
      } else {
        expect(await client.closed).toMatchObject({ code: 1011 });
        await client.done();
      }
      expect(reported).toEqual(["broken"]);
    }
  });

  it("a layer that cannot take a message fails the handler, and keeps the connection", async () => {
    const { layer, layers } = createLayer();
    class Sends extends WebSocketConsumer {
      override async receive(text: string): Promise<void> {
        if (text === "fill") for (;;) await this.channelLayer.send("worker", { type: "job" });
        this.send(text);
      }
    }
    const client = await connectClient(Sends, { layers });
    client.send("fill");
    client.send("next");
    expect(await client.receive()).toBe("next");
    expect(client.errors).toMatchObject([{ code: "ChannelFull" }]);
    await client.disconnect();
    await layer.close();
  });

  it.each([
    ["LayerDisconnected", new ChannelsError("LayerDisconnected", { reason: "away" }), 503, { "retry-after": "5" }],
    ["anything else", new Error("broken"), 500, undefined],
  ])(
    "connect: %s before accept refuses the handshake, whatever onError returns",
    async (_kind, error, status, headers) => {
      const reported: Failure["during"][] = [];
      class Refused extends WebSocketConsumer {
        override connect(): void {
          throw error;
        }
        override onError(_error: unknown, { during }: Failure): FailureOutcome {
          reported.push(during);
          return "keep";
        }
      }
      const client = createClient(Refused);
      expect(await client.connect()).toMatchObject({ accepted: false, status, ...(headers && { headers }) });
      await client.done();
      expect(reported).toEqual(["connect"]);
    },
  );

  it("connect: an error after accept can be kept", async () => {
    class Accepted extends WebSocketConsumer {
      override connect(): void {
        this.accept();
        throw new Error("no greeting");
      }
      override receive(text: string): void {
        this.send(text);
      }
      override onError(): FailureOutcome {
        return "keep";
      }
    }
    const client = await connectClient(Accepted);
    client.send("hi");
    expect(await client.receive()).toBe("hi");
    await client.disconnect();
  });

  it.each(["LayerDisconnected", "ChannelFull"] as const)(
    "connect: %s after accept closes the connection, because the rest of connect has not run",
    async (code) => {
      const outage =
        code === "ChannelFull"
          ? new ChannelsError(code, { channel: "room", capacity: 1 })
          : new ChannelsError(code, { reason: "away" });
      class Accepted extends WebSocketConsumer {
        override async connect(): Promise<void> {
          this.accept();
          await Promise.reject(outage);
          this.send("in its groups");
        }
      }
      const client = await connectClient(Accepted);
      expect(await client.closed).toMatchObject({ code: 1011 });
      await client.done();
    },
  );

  it.each(["consumer", "server"])("an async onError of the %s is logged, and the rule decides", async (owner) => {
    // The compiler refuses a promise; JavaScript does not.
    const onError = (async (error: Error) => {
      throw new Error(`worse than ${error.message}`);
    }) as unknown as () => FailureOutcome;
    class Async extends Fails {}
    if (owner === "consumer") Async.prototype.onError = onError;
    const client = await connectClient(Async, owner === "server" ? { onError } : {});
    client.send("receive broken");
    expect(await client.closed).toMatchObject({ code: 1011 });
    await client.done();
    await expect
      .poll(() => client.errors.map(String).sort())
      .toEqual([
        "Error: broken",
        "Error: worse than broken",
        "TypeError: expected onError() to return at once, got a promise: it must not be async",
      ]);
  });

  it("an async onError does not close a connection after an outage", async () => {
    class Async extends Fails {
      override receive(text: string): void {
        if (text === "outage") throw new ChannelsError("LayerDisconnected", { reason: "away" });
        this.send(text);
      }
    }
    Async.prototype.onError = (async () => "close") as unknown as () => FailureOutcome;
    const client = await connectClient(Async);
    client.send("outage");
    client.send("still here");
    expect(await client.receive()).toBe("still here");
    await client.disconnect();
  });

  it("an async shouldSend sends nothing, is logged, and its rejection is caught", async () => {
    class Async extends WebSocketConsumer<{ "room.said": { text: string } }> {
      static override encoders = encoders<{ "room.said": { text: string } }>({ "room.said": ({ text }) => text });
      override async receive(text: string): Promise<void> {
        await this.channelLayer.send(this.channelName, { type: "room.said", text });
        this.send("handled");
      }
    }
    Async.prototype.shouldSend = (async () => {
      throw new Error("who knows");
    }) as unknown as () => boolean;
    const { layers } = createLayer();
    const client = await connectClient(Async, { layers });
    client.send("hi");
    await expect
      .poll(() => client.errors.map(String).sort())
      .toEqual([
        "Error: who knows",
        "TypeError: expected shouldSend() to return at once, got a promise: it must not be async",
      ]);
    client.send("again");
    expect([await client.receive(), await client.receive()]).toEqual(["handled", "handled"]);
    await client.disconnect();
  });

  it("onError can close the connection in its own way", async () => {
    class Closes extends Fails {
      override onError(): undefined {
        this.close(4321, "my own reason");
      }
    }
    const client = await connectClient(Closes);
    client.send("receive broken");
    expect(await client.closed).toEqual({ code: 4321, reason: "my own reason" });
    await client.done();
  });

  it("an onError that throws closes the connection, and both errors are logged", async () => {
    class Throws extends Fails {
      override onError(): FailureOutcome {
        throw new Error("worse");
      }
    }
    const client = await connectClient(Throws);
    client.send("receive broken");
    expect(await client.closed).toMatchObject({ code: 1011 });
    await client.done();
    expect(client.errors.map(String).sort()).toEqual(["Error: broken", "Error: worse"]);
  });

  it("calls onError with an error in disconnect, and of one after the end", async () => {
    const reported: [string, Failure["during"]][] = [];
    class Ends extends WebSocketConsumer {
      override async receive(): Promise<void> {
        this.send("started");
        await new Promise((resolve) => this.signal.addEventListener("abort", resolve));
        throw new Error("late");
      }
      override disconnect(): void {
        throw new Error("at the end");
      }
      override onError(error: unknown, { during }: Failure): undefined {
        reported.push([(error as Error).message, during]);
      }
    }
    const client = await connectClient(Ends);
    client.send("wait");
    expect(await client.receive()).toBe("started");
    await client.disconnect();
    expect(reported).toEqual([
      ["late", "frame"],
      ["at the end", "disconnect"],
    ]);
  });
});

it("a communicator gives up a handshake that never ends", async () => {
  class Undecided extends WebSocketConsumer {
    override connect(): Promise<void> {
      return new Promise(() => {});
    }
  }
  const client = new WebsocketCommunicator(urlRouter([route("/ws", Undecided)]), "/ws", {
    timeoutMs: 5,
    handlerGraceMs: 5,
  });
  await expect(client.connect()).rejects.toThrow("Expected the handshake to be accepted or refused within 5 ms");
  await client.disconnect(1006);
});
