import { type Database, openSqliteStore } from "../../../apps/server/src/store/sqlite/sqlite-store.ts";
import type { RunReport, RunTask } from "./run-task.ts";

const WRITERS = 12;
const READERS = 2;
const AUTHOR = { id: "author-id", username: "author" } as const;

/** The work of a store up to the phase in which it ends: opens it, keeps its threads busy, and closes it. */
export class StoreLoad {
  readonly #task: RunTask;
  readonly #report: (report: RunReport) => void;
  #store: Database | undefined;
  #isStopping = false;
  #load: Promise<unknown> = Promise.resolve();

  constructor(task: RunTask, report: (report: RunReport) => void) {
    this.#task = task;
    this.#report = report;
  }

  /** Resolves when the store is closed. */
  async run(): Promise<void> {
    const { phase } = this.#task;
    if (phase === "opening" || phase === "migrating") this.#report({ kind: "phase" });
    this.#store = await openSqliteStore({ file: this.#task.file });
    if (this.#isStopping) return this.#store.close();
    this.#load = this.#keepBusy(this.#store);
    if (phase === "serving") this.#report({ kind: "phase" });
    if (phase === "backing up") this.#load = Promise.all([this.#load, this.#backUp(this.#store)]);
    if (phase === "closing") {
      await new Promise((resolve) => setTimeout(resolve, 50));
      this.#report({ kind: "phase" });
      await this.stop();
    }
    await this.#load;
    await this.#store.close();
  }

  /** Ends the load, and closes the store while the last calls are pending. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#store?.close();
  }

  async #keepBusy(store: Database): Promise<void> {
    const [room] = await store.rooms.list();
    const target = room ?? (await store.rooms.create({ title: "General", by: null })).room;
    await Promise.all([
      ...Array.from({ length: WRITERS }, (_, writer) => this.#write(store, target, writer)),
      ...Array.from({ length: READERS }, () => this.#read(store, target.id)),
    ]);
  }

  async #write(store: Database, room: { id: string; accessVersion: number }, writer: number): Promise<void> {
    await this.#repeat(async (turn) => {
      const clientId = `run-${this.#task.index}-${writer}-${turn}`;
      const appended = await store.messages.append({
        room: room.id,
        accessVersion: room.accessVersion,
        author: AUTHOR,
        clientId,
        kind: "message",
        body: `message number ${turn} of writer ${writer}, with some words to index`,
      });
      if (appended.outcome !== "appended") throw new Error(`Expected appended, got ${appended.outcome}.`);
      this.#report({ kind: "acknowledged", acknowledged: { clientId, seq: appended.message.seq } });
    });
  }

  async #read(store: Database, room: string): Promise<void> {
    const terms = [{ text: "message", kind: "word" as const }];
    await this.#repeat(async () => {
      await store.messages.readHistory({ room, limit: 50 });
      await store.search.find({ terms, rooms: [room], limit: 20, viewer: AUTHOR.id });
    });
  }

  async #backUp(store: Database): Promise<void> {
    this.#report({ kind: "phase" });
    await this.#repeat(async (turn) => {
      await store.backup(`${this.#task.file}.backup-${this.#task.index}-${turn}`);
    });
  }

  async #repeat(work: (turn: number) => Promise<void>): Promise<void> {
    for (let turn = 0; !this.#isStopping; turn += 1) {
      try {
        await work(turn);
      } catch (error) {
        // The store was closed, or one of its threads has ended.
        if (this.#isStopping || (error as { code?: string }).code === "closed") return;
        throw error;
      }
    }
  }
}
