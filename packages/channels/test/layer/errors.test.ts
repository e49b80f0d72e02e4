import { ChannelsError, errorCodes, isChannelsError } from "@multichat/channels/layer";
import { describe, expect, it } from "vitest";

describe("errors", () => {
  it("have their code as name, their details, and their cause", () => {
    const cause = new Error("below");
    const error = new ChannelsError("ChannelFull", { channel: "jobs", capacity: 3 }, { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "ChannelFull", code: "ChannelFull", details: { capacity: 3 }, cause });
    expect(String(error)).toMatch(/^ChannelFull: Channel "jobs" is full: it holds 3 messages/);
  });

  it("are distinguished by code", () => {
    const error: unknown = new ChannelsError("LayerClosed", { operation: "send" });
    expect(isChannelsError(error)).toBe(true);
    expect(isChannelsError(error, "LayerClosed")).toBe(true);
    expect(isChannelsError(error, "ChannelFull")).toBe(false);
    expect(isChannelsError(new Error("LayerClosed"), "LayerClosed")).toBe(false);
    if (isChannelsError(error, "LayerClosed")) expect(error.details.operation).toBe("send");
  });

  it("show a long value truncated, with its length, and on one line", () => {
    const { message } = new ChannelsError("InvalidName", { kind: "channel", got: `line\n${"x".repeat(5_000)}` });
    expect(message).toContain("(5005 characters)");
    expect(message.length).toBeLessThan(500);
    expect(message).not.toContain("\n");
  });

  it("have unique codes in PascalCase", () => {
    expect(errorCodes.length).toBeGreaterThan(5);
    expect(new Set(errorCodes).size).toBe(errorCodes.length);
    for (const code of errorCodes) expect(code).toMatch(/^([A-Z][a-z]+)+$/);
  });

  it("do not accept the details of another code", () => {
    // @ts-expect-error ChannelFull requires a channel.
    expect(new ChannelsError("ChannelFull", { alias: "chat" }).code).toBe("ChannelFull");
  });
});
