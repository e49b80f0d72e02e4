import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { compileLibrary } from "../../peers/native.ts";

/** Why storage cannot be recorded on this machine; undefined where it can. */
export function reasonForNoRecorder(): string | undefined {
  if (process.platform !== "linux") return "Expected Linux, whose C library lets the server's calls be recorded.";
  if (process.arch !== "x64" && process.arch !== "arm64") return `Expected x64 or arm64, got ${process.arch}.`;
  if (compileLibrary("storage") === undefined) return "Expected a C compiler (Debian: apt-get install gcc libc6-dev).";
  return undefined;
}

/** The layout of `struct control` in bench/storage/recorder.c. */
const CONTROL_BYTES = 4_096;
const FROZEN_AT = 4;
const BUSY_AT = 8;
const FREEZE_INTERVAL_MS = 1;

/** Records what processes do to the files below a folder, by a library that they load before all others. */
export class Recorder {
  /** The environment of the processes. */
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly #log: number;
  readonly #control: number;

  /**
   * @param folder what is recorded; it must be empty, and without symbolic links in its path
   * @param own a folder for the record
   * @throws where the machine cannot; see `reasonForNoRecorder`
   */
  static async open(
    folder: string,
    own: string,
    { syncMicroseconds }: { readonly syncMicroseconds: number },
  ): Promise<Recorder> {
    const library = compileLibrary("storage");
    if (library === undefined) throw new Error(reasonForNoRecorder());
    const logFile = join(own, "storage.log");
    const control = join(own, "control");
    await writeFile(logFile, "");
    await writeFile(control, Buffer.alloc(CONTROL_BYTES));
    return new Recorder(logFile, control, {
      LD_PRELOAD: library,
      STORAGE_FOLDER: folder,
      STORAGE_LOG: logFile,
      STORAGE_CONTROL: control,
      STORAGE_SYNC_MICROSECONDS: String(syncMicroseconds),
    });
  }

  private constructor(logFile: string, control: string, env: Readonly<Record<string, string>>) {
    this.env = env;
    this.logFile = logFile;
    this.#log = openSync(logFile, "r");
    this.#control = openSync(control, "r+");
  }

  /** How far the record has come, in bytes. What is known now happened before what will be recorded behind it. */
  position(): number {
    return fstatSync(this.#log).size;
  }

  /**
   * Lets the operation under way end, and none begin, so that a process can be killed between an operation and the next.
   * The processes wait until they are killed, or until `thaw`.
   */
  async freeze(): Promise<void> {
    this.#write(FROZEN_AT, 1);
    while (this.#read(BUSY_AT) !== 0) await wait(FREEZE_INTERVAL_MS);
  }

  /** Lets other processes work on. */
  thaw(): void {
    this.#write(FROZEN_AT, 0);
  }

  close(): void {
    closeSync(this.#log);
    closeSync(this.#control);
  }

  #write(at: number, value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    writeSync(this.#control, bytes, 0, bytes.length, at);
  }

  #read(at: number): number {
    const bytes = Buffer.alloc(4);
    readSync(this.#control, bytes, 0, bytes.length, at);
    return bytes.readUInt32LE();
  }
}
