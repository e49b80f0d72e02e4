import {
  closeLayers,
  getLayer,
  InMemoryLayer,
  LayerRegistry,
  registerLayer,
  unregisterLayer,
} from "@multichat/channels/layer";
import { afterEach, describe, expect, it } from "vitest";

class FailingLayer extends InMemoryLayer {
  override async close(): Promise<void> {
    await super.close();
    throw new Error("failed to close");
  }
}

describe("the layer registry", () => {
  afterEach(() => closeLayers());

  it("finds layers by alias in the whole process", () => {
    const [chat, main] = [new InMemoryLayer(), new InMemoryLayer()];
    registerLayer("chat", chat);
    registerLayer("default", main);
    expect(getLayer("chat")).toBe(chat);
    expect(getLayer()).toBe(main);
    expect(unregisterLayer("chat")).toBe(chat);
    expect(unregisterLayer("chat")).toBeUndefined();
    expect(() => getLayer("chat")).toThrow();
  });

  it("lists the registered aliases when one is unknown", () => {
    expect(() => getLayer("chat")).toThrow('No layer is registered as "chat"; registered: none.');
    registerLayer("queue", new InMemoryLayer());
    registerLayer("analytics", new InMemoryLayer());
    expect(() => getLayer("chat")).toThrow('registered: "queue", "analytics". Call registerLayer("chat", layer)');
  });

  it("rejects a second layer for an alias, and an invalid alias", () => {
    const registry = new LayerRegistry();
    registry.register("chat", new InMemoryLayer());
    expect(() => registry.register("chat", new InMemoryLayer())).toThrow(
      expect.objectContaining({ code: "LayerTaken" }),
    );
    for (const alias of ["", "two words", "a!b", "a".repeat(100)]) {
      expect(() => registry.register(alias, new InMemoryLayer())).toThrow(
        expect.objectContaining({ code: "InvalidName" }),
      );
    }
  });

  it("closes each layer once, even if others fail, and reports the failures", async () => {
    const registry = new LayerRegistry();
    const [failing, shared] = [new FailingLayer(), new InMemoryLayer()];
    registry.register("failing", failing);
    registry.register("one", shared);
    registry.register("two", shared);
    await expect(registry.close()).rejects.toThrow("1 of 2 layers failed to close");
    await expect(shared.send("channel", { type: "late" })).rejects.toMatchObject({ code: "LayerClosed" });
    expect(registry.aliases()).toEqual([]);
    await expect(registry.close()).resolves.toBeUndefined();
  });
});
