import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { Random } from "../src/clients/random.ts";
import { compareWithFolder, writeState } from "../src/crash-test/power-cut/disk-state.ts";
import { Recorder, reasonForNoRecorder } from "../src/crash-test/power-cut/recorder.ts";
import { CUT_KINDS, type CutKind, type IgnoredSync, Storage } from "../src/crash-test/power-cut/storage.ts";
import { readRecords } from "../src/crash-test/power-cut/storage-record.ts";
import { type Change, StoredFile } from "../src/crash-test/power-cut/stored-file.ts";

const reason = reasonForNoRecorder();

interface Recorded {
  readonly folder: string;
  readonly log: Buffer;
  /** What the program printed, with the position of the record when it arrived. */
  readonly lines: readonly { readonly text: string; readonly position: number }[];
}

/** Runs a program of JavaScript whose current folder is recorded. */
async function record(program: string): Promise<Recorded> {
  const own = await realpath(await mkdtemp(join(tmpdir(), "multichat-storage-")));
  onTestFinished(() => rm(own, { recursive: true }));
  const folder = join(own, "recorded");
  await mkdir(folder);
  const recorder = await Recorder.open(folder, own, { syncMicroseconds: 500 });
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    cwd: folder,
    env: { ...recorder.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines: { text: string; position: number }[] = [];
  for await (const text of createInterface(child.stdout)) lines.push({ text, position: recorder.position() });
  expect((await exited)[0]).toBe(0);
  const log = await readFile(recorder.logFile);
  recorder.close();
  return { folder, log, lines };
}

function replay(log: Buffer, ignored?: IgnoredSync): Storage {
  const storage = new Storage({ ignored });
  for (const { record: entry } of readRecords(log)) storage.apply(entry);
  return storage;
}

describe.skipIf(reason !== undefined)(`the recorder of storage${reason === undefined ? "" : ` (${reason})`}`, () => {
  it("records every way in which a program changes files, so that the replay is the folder", async () => {
    const { folder, log } = await record(`
      import fs from "node:fs";
      import { open } from "node:fs/promises";
      fs.mkdirSync("a/b", { recursive: true });
      fs.writeFileSync("a/b/written", "first");
      fs.appendFileSync("a/b/written", ", second");
      fs.writeFileSync("a/b/written-again", "x".repeat(10_000));
      fs.writeFileSync("./a//b/../b/written-again", "shorter");
      const handle = await open("a/parts", "w+");
      await handle.writev([Buffer.from("one"), Buffer.from("two")], 3);
      await handle.writev([Buffer.from("at the position")]);
      await handle.write("inner", 1);
      await handle.truncate(9_000);
      await handle.sync();
      await handle.truncate(4);
      await handle.close();
      fs.truncateSync("a/b/written", 7);
      fs.writeFileSync("gone", "gone");
      fs.rmSync("gone");
      fs.writeFileSync("before", "renamed");
      fs.renameSync("before", "after");
      fs.writeFileSync("replaced", "old");
      fs.renameSync("replaced", "a/b/written-again");
      fs.linkSync("after", "a/second-name");
      fs.mkdirSync("tree/of/folders", { recursive: true });
      fs.writeFileSync("tree/of/file", "");
      fs.rmSync("tree", { recursive: true });
      const made = fs.mkdtempSync("made-");
      fs.writeFileSync(made + "/inside", "inside");
      fs.writeFileSync("index-shm", "not recorded");
      fs.writeFileSync(process.cwd() + "/a/absolute", "absolute");`);
    const state = replay(log).current();
    expect(await compareWithFolder(state, folder)).toEqual([]);
    expect([...state.files.keys()].filter((path) => !path.startsWith("made-")).sort()).toEqual(
      ["a/b/written", "a/b/written-again", "a/parts", "a/absolute", "a/second-name", "after"].sort(),
    );
    expect(state.files.get("a/b/written-again")?.toString()).toBe("old");
    const other = { ...state, files: new Map([...state.files, ["after", Buffer.from("renamef")]]) };
    expect(await compareWithFolder(other, folder)).toEqual([
      "after: 7 bytes, recorded 7; the first difference is at 6",
    ]);
  });

  it("fails for what goes past it", async () => {
    const { log } = await record(`
      import fs from "node:fs";
      fs.writeFileSync("from", "copied inside the kernel");
      fs.copyFileSync("from", "to");`);
    expect(() => replay(log)).toThrow("not recorded: copy_file_range");
  });

  describe("with a database whose commits are synced", () => {
    // Checkpoints after every few commits, so that both files are written and the log starts over.
    const PROGRAM = `
      import { DatabaseSync } from "node:sqlite";
      const database = new DatabaseSync("chat.db");
      database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 12");
      database.exec("create table number (n integer primary key, text text)");
      for (let n = 1; n <= 60; n += 1) {
        database.prepare("insert into number values (?, ?)").run(n, "text ".repeat(n * 7));
        process.stdout.write(n + "\\n");
      }`;

    /** Cuts the power after each commit and between, and counts the states that are damaged or lost a commit. */
    async function countLost(
      { folder, log, lines }: Recorded,
      { ignored, kinds = CUT_KINDS }: { readonly ignored?: IgnoredSync; readonly kinds?: readonly CutKind[] } = {},
    ): Promise<{ states: number; lost: number }> {
      const storage = new Storage({ ignored });
      const random = new Random(7);
      let states = 0;
      let lost = 0;
      for (const { record: entry, end } of readRecords(log)) {
        storage.apply(entry);
        const isAfterCommit = lines.some(({ position }) => position === end);
        if (!isAfterCommit && !random.chance(0.05)) continue;
        const committed = lines.filter(({ position }) => position <= end).length;
        for (const kind of kinds) {
          const disk = `${folder}-${states}`;
          states += 1;
          await writeState(storage.stateAfterCut(kind, random), disk);
          if (!holds(join(disk, "chat.db"), committed)) lost += 1;
          await rm(disk, { recursive: true });
        }
      }
      return { states, lost };
    }

    function holds(file: string, committed: number): boolean {
      try {
        const database = new DatabaseSync(file, { readOnly: committed > 0 });
        try {
          if (database.prepare("pragma integrity_check").get()?.integrity_check !== "ok") return false;
          if (committed === 0) return true;
          const rows = database.prepare("select count(*) as count, max(n) as last from number").get();
          return Number(rows?.count) >= committed && rows?.count === rows?.last;
        } finally {
          database.close();
        }
      } catch {
        return false;
      }
    }

    it("finds every commit in every state, and losses where a sync was ignored", async () => {
      const recorded = await record(PROGRAM);
      expect(await compareWithFolder(replay(recorded.log).current(), recorded.folder)).toEqual([]);
      const sound = await countLost(recorded);
      expect(sound.lost).toBe(0);
      expect(sound.states).toBeGreaterThan(100);
      for (const ignored of ["wal", "database", "folders"] as const) {
        const { lost } = await countLost(recorded, { ignored, kinds: ["nothing", "files"] });
        expect(lost, ignored).toBeGreaterThan(0);
      }
      // Without a cut, or where the disk happens to have everything, nothing is lost.
      expect((await countLost(recorded, { ignored: "wal", kinds: ["everything"] })).lost).toBe(0);
    });
  });
});

describe("a file after a power cut", () => {
  const write = (order: number, offset: number, text: string): Change => ({
    kind: "write",
    order,
    offset,
    data: Buffer.from(text),
  });
  const nothing = { kind: "nothing" } as const;
  const sectors = { kind: "units", unitBytes: 512 } as const;

  it("has what came before a sync began, and not for certain what came while it ran", () => {
    const file = new StoredFile();
    file.change(write(1, 0, "before"));
    file.change(write(3, 0, "during"));
    file.sync(2);
    expect(file.contentAfterCut(nothing, new Random(1)).toString()).toBe("before");
    expect(file.contentAfterCut({ kind: "everything" }, new Random(1)).toString()).toBe("during");
    expect(file.isSynced).toBe(false);
  });

  it("has each sector old or new, torn and in any order, and zeros where the file grew", () => {
    const file = new StoredFile();
    file.change(write(1, 0, "a".repeat(1_024)));
    file.sync(2);
    file.change(write(3, 0, "b".repeat(2_048)));
    const seen = new Set<string>();
    for (let seed = 0; seed < 400; seed += 1) {
      const content = file.contentAfterCut(sectors, new Random(seed)).toString();
      expect(content).toMatch(/^((a{512}|b{512}){2})((\0{512}|b{512}){2})?$/);
      seen.add(content);
    }
    for (const [at, text] of ["aa", "ab", "ba", "bb"].entries()) {
      const wanted = [...text].map((letter) => letter.repeat(512)).join("");
      expect(
        [...seen].some((content) => content.startsWith(wanted)),
        `${at}`,
      ).toBe(true);
    }
    expect(seen).toContain("a".repeat(1_024));
    expect(seen).toContain(`${"a".repeat(1_024)}${"\0".repeat(1_024)}`);
  });

  it("never has what was written after a truncation that was lost, nor what a durable one removed", () => {
    const file = new StoredFile();
    file.change(write(1, 0, "a".repeat(1_024)));
    file.sync(2);
    file.change({ kind: "truncate", order: 3, size: 512 });
    file.change(write(4, 512, "c".repeat(512)));
    const seen = new Set<string>();
    for (let seed = 0; seed < 200; seed += 1) seen.add(file.contentAfterCut(sectors, new Random(seed)).toString());
    const a = "a".repeat(512);
    const possible = [a + a, a, a + "c".repeat(512), a + "\0".repeat(512)];
    expect([...seen].sort()).toEqual(possible.sort());
  });

  it("has what came before one moment, and of the write at that moment the first sectors", () => {
    const file = new StoredFile();
    file.change(write(1, 0, "a".repeat(1_536)));
    file.change(write(2, 1_536, "b".repeat(512)));
    const seen = new Set<number>();
    for (let seed = 0; seed < 100; seed += 1)
      seen.add(file.contentAfterCut({ kind: "ordered", before: 1 }, new Random(seed)).length);
    expect([...seen].sort((a, b) => a - b)).toEqual([0, 512, 1_024, 1_536]);
    expect(file.contentAfterCut({ kind: "ordered", before: 3 }, new Random(1))).toHaveLength(2_048);
  });
});

describe("the names after a power cut", () => {
  it("are durable after a sync of their folder, in their order, and not after one of the file", () => {
    const storage = new Storage();
    storage.apply({ kind: "start", root: 1 });
    storage.apply({ kind: "create", file: 2, path: "data", isFolder: true });
    storage.apply({ kind: "create", file: 3, path: "data/one", isFolder: false });
    storage.apply({ kind: "sync-begin", file: 3, sync: 1 });
    storage.apply({ kind: "sync-end", file: 3, sync: 1 });
    const pathsOf = (kind: CutKind) => {
      const { folders, files } = storage.stateAfterCut(kind, new Random(1));
      return [...folders, ...files.keys()];
    };
    expect(pathsOf("nothing")).toEqual([]);
    expect(pathsOf("everything")).toEqual(["data", "data/one"]);
    storage.apply({ kind: "sync-begin", file: 2, sync: 2 });
    storage.apply({ kind: "create", file: 4, path: "data/two", isFolder: false });
    storage.apply({ kind: "rename", from: "data/one", to: "data/two" });
    storage.apply({ kind: "sync-end", file: 2, sync: 2 });
    expect(pathsOf("nothing")).toEqual(["data", "data/one"]);
    expect(pathsOf("everything")).toEqual(["data", "data/two"]);
  });
});
