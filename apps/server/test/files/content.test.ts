import { mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refusal } from "../../src/access/refusal.ts";
import { detectType } from "../../src/files/content/content-type.ts";
import { inspectContent } from "../../src/files/content/inspect-content.ts";
import { prepareContent } from "../../src/files/prepare-content.ts";
import { avif, gif, HAS_PLACE, isoMedia, jpeg, png, webp } from "./samples.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "multichat-content-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function* inChunks(content: Buffer, size = 1_000): AsyncIterable<Buffer> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

const tooLarge = new Refusal("PAYLOAD_TOO_LARGE");

async function prepare(content: Buffer, { chunkBytes = 1_000, maxBytes = 1e9 } = {}) {
  const prepared = await prepareContent(inChunks(content, chunkBytes), { folder, maxBytes, tooLarge });
  const { path, ...rest } = prepared;
  return { ...rest, content: await readFile(path) };
}

describe("what shows where a file was made is removed", () => {
  test.each([
    ["a photo", jpeg(), { type: "image/jpeg", width: 30, height: 40 }],
    ["a photo that is not turned", jpeg({ orientation: 1 }), { type: "image/jpeg", width: 40, height: 30 }],
    ["a photo of several windows", jpeg({ scan: Buffer.alloc(700_001, 0x55) }), { type: "image/jpeg" }],
    ["a PNG", png(), { type: "image/png", width: 3, height: 2 }],
    ["a WebP", webp(), { type: "image/webp", width: 20, height: 10 }],
    ["an AVIF", avif(), { type: "image/avif", width: 48, height: 64 }],
    ["a film", isoMedia(), { type: "video/mp4" }],
    ["a film of a phone", isoMedia("qt  "), { type: "video/quicktime" }],
    ["a recording", isoMedia("M4A "), { type: "audio/mp4" }],
  ])("%s", async (_name, original, expected) => {
    expect(original.toString("latin1")).toMatch(HAS_PLACE);
    const { content, ...rest } = await prepare(original);
    expect(rest).toMatchObject({ ...expected, bytes: content.length });
    expect(content.toString("latin1")).not.toMatch(HAS_PLACE);
    // The same again: there is nothing left to remove, and its size is the same.
    const again = await prepare(content);
    expect(again).toMatchObject({ ...expected, hash: rest.hash });
  });

  test("and the colors, the pixels and how it is turned stay", async () => {
    for (const [original, parts] of [
      [
        jpeg({ orientation: 8 }),
        ["JFIF", "ICC_PROFILE\0\x01\x01colors", "\0\x01\0\x08\0\0", "\x01\xff\0\x02\xff\xd0\x03\x04\xff\xd9"],
      ],
      [png(), ["colors", "IDAT", "IEND"]],
      [webp(), ["colors", "VP8L"]],
      [avif(), ["pixels"]],
      [isoMedia(), ["mvhd", "samples"]],
    ] as const) {
      const { content } = await prepare(original);
      for (const part of parts) expect(content.includes(Buffer.from(part, "latin1"))).toBe(true);
    }
  });

  test("and the samples of a film stay where they are", async () => {
    const original = isoMedia();
    const { content } = await prepare(original);
    expect(content.length).toBe(original.length);
    expect(content.indexOf("samples")).toBe(original.indexOf("samples"));
  });
});

describe("the type of a content", () => {
  const detect = (text: string | Buffer) => detectType(Buffer.from(text as string), { isWhole: true });
  const mpegFrames = Buffer.alloc(900);
  for (const at of [0, 417]) mpegFrames.set([0xff, 0xfb, 0x90, 0], at);

  test.each<[string, string | Buffer]>([
    ["image/gif", gif()],
    ["audio/ogg", "OggS\0"],
    ["audio/wav", "RIFF\x01\0\0\0WAVEfmt "],
    ["audio/mpeg", "ID3\x03"],
    ["audio/mpeg", mpegFrames],
    ["video/webm", Buffer.from("\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x1fwebm", "latin1")],
    ["application/pdf", "%PDF-1.7"],
    ["application/zip", "PK\x03\x04"],
    ["text/plain", "plain text, ünïcode ✓\n"],
    // Never as what a browser would run.
    ["text/plain", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"],
    ["text/plain", "<!doctype html><script>alert(1)</script>"],
    ["application/octet-stream", "with a \0 in it"],
    ["application/octet-stream", Buffer.from([0xff, 0xfe, 0x41, 0])],
    ["application/octet-stream", ""],
  ])("is %s", (type, content) => {
    expect(detect(content)).toBe(type);
  });

  test("is text where the last character is cut off", () => {
    const cut = Buffer.from("é".repeat(10)).subarray(0, 19);
    expect(detectType(cut, { isWhole: false })).toBe("text/plain");
    expect(detectType(cut, { isWhole: true })).toBe("application/octet-stream");
  });

  test("is unknown where it begins like an image, a film or a recording and is none", async () => {
    for (const head of [
      "\xff\xd8\xffgarbage",
      "\x89PNG\r\n\x1a\ngarbage garbage garbage",
      "RIFF\x10\0\0\0WEBPgarbage!",
    ]) {
      const { type, content } = await prepare(Buffer.from(head, "latin1"));
      expect(type).toBe("application/octet-stream");
      expect(content.toString("latin1")).toBe(head);
    }
  });
});

describe("a body", () => {
  test("is hashed as it is stored", async () => {
    const { hash, content } = await prepare(Buffer.from("abc"));
    expect(hash).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(content.toString()).toBe("abc");
    expect((await prepare(Buffer.alloc(0))).bytes).toBe(0);
  });

  test("of more bytes than the limit is refused, and nothing is left of it", async () => {
    const own = await mkdtemp(join(folder, "own-"));
    const body = inChunks(Buffer.alloc(10_001));
    await expect(prepareContent(body, { folder: own, maxBytes: 10_000, tooLarge })).rejects.toBe(tooLarge);
    expect(await readdir(own)).toEqual([]);
  });
});

describe("contents of any bytes", () => {
  const samples = [jpeg(), png(), webp(), avif(), isoMedia(), gif()];
  const damaged = fc
    .record({
      sample: fc.constantFrom(...samples),
      cut: fc.nat(2_000),
      changes: fc.array(fc.record({ at: fc.nat(2_000), value: fc.nat(255) }), { maxLength: 8 }),
    })
    .map(({ sample, cut, changes }) => {
      const content = Buffer.from(sample.subarray(0, Math.max(1, sample.length - (cut % sample.length))));
      for (const { at, value } of changes) content[at % content.length] = value;
      return content;
    });

  test("are inspected to an end, and what replaces them is in them", async () => {
    const path = join(folder, "any");
    await fc.assert(
      fc.asyncProperty(damaged, async (content) => {
        await writeFile(path, content);
        const handle = await open(path, "r");
        try {
          const { type, pieces = [] } = await inspectContent(handle, content.length);
          expect(type).toMatch(/^[a-z]+\/[a-z0-9-]+$/);
          let last = 0;
          for (const piece of pieces) {
            if ("bytes" in piece) continue;
            expect(piece.start).toBeGreaterThanOrEqual(0);
            expect(piece.end).toBeGreaterThan(piece.start);
            expect(piece.end).toBeLessThanOrEqual(content.length);
            last = Math.max(last, piece.end);
          }
          expect(last).toBeLessThanOrEqual(content.length);
        } finally {
          await handle.close();
        }
      }),
      { numRuns: 400 },
    );
  });
});
