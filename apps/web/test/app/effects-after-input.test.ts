import { options } from "preact";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startEffectsAfterInput } from "../../src/app/effects-after-input.ts";

const page = new EventTarget();

beforeAll(() => {
  vi.stubGlobal("window", page);
  startEffectsAfterInput();
});

afterAll(() => {
  vi.unstubAllGlobals();
});

const nextTask = () => new Promise<void>((resolve) => setTimeout(resolve));

describe("effects run in the task of an input, and after the next frame otherwise", () => {
  test.each(["keydown", "keyup", "pointerdown", "pointerup", "click", "input", "change", "submit", "popstate"])(
    "%s",
    async (name) => {
      expect(options.requestAnimationFrame).toBeUndefined();
      page.dispatchEvent(new Event(name));
      expect(options.requestAnimationFrame).toBe(queueMicrotask);
      await Promise.resolve();
      expect(options.requestAnimationFrame).toBe(queueMicrotask);
      await nextTask();
      expect(options.requestAnimationFrame).toBeUndefined();
    },
  );

  test.each(["pointermove", "scroll", "wheel", "focusin", "selectionchange", "message"])(
    "not after %s, which can come a hundred times a second",
    (name) => {
      page.dispatchEvent(new Event(name));
      expect(options.requestAnimationFrame).toBeUndefined();
    },
  );

  test("events of one input, in one task or in overlapping ones", async () => {
    for (const name of ["pointerdown", "pointerup", "click"]) page.dispatchEvent(new Event(name));
    expect(options.requestAnimationFrame).toBe(queueMicrotask);
    const later = nextTask();
    page.dispatchEvent(new Event("keydown"));
    await later;
    expect(options.requestAnimationFrame).toBe(queueMicrotask);
    await nextTask();
    expect(options.requestAnimationFrame).toBeUndefined();
  });

  test("a hundred keys leave nothing behind", async () => {
    for (let key = 0; key < 100; key++) {
      page.dispatchEvent(new Event("keydown"));
      if (key % 7 === 0) await nextTask();
    }
    await nextTask();
    expect(options.requestAnimationFrame).toBeUndefined();
  });
});
