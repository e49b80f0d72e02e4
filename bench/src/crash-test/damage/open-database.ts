import {
  bindOperations,
  type CallOperation,
  type StoreOperations,
} from "../../../../apps/server/src/store/operations.ts";
import { resolveOptions } from "../../../../apps/server/src/store/sqlite/options.ts";
import { unpackAnswers } from "../../../../apps/server/src/store/sqlite/threads/packed-calls.ts";
import { Reader } from "../../../../apps/server/src/store/sqlite/threads/reader.ts";
import { startWorker } from "../../../../apps/server/src/store/sqlite/threads/start-worker.ts";
import type { FromWorker, WorkerOptions } from "../../../../apps/server/src/store/sqlite/threads/worker-messages.ts";
import { Writer } from "../../../../apps/server/src/store/sqlite/threads/writer.ts";
import { StoreError } from "../../../../apps/server/src/store/store-error.ts";

/** The database threads of a server, or the same code in the thread of the caller, which opens in a tenth of the time. */
export type ThreadKind = "threads" | "one thread";

export interface OpenDatabase {
  readonly operations: StoreOperations;
  close(): Promise<void>;
}

interface Part {
  readonly call: (operation: string, args: unknown) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

const ORIGIN = "00000000-0000-7000-8000-000000000000";

/** @throws StoreError where the database cannot be opened; nothing is open then. */
export async function openDatabase(file: string, kind: ThreadKind): Promise<OpenDatabase> {
  const open = kind === "threads" ? openThread : openInOneThread;
  const parts = new Map<WorkerOptions["role"], Part>();
  const close = async (): Promise<void> => {
    for (const part of [...parts.values()].reverse()) await part.close();
  };
  try {
    for (const role of ["writer", "reader", "searcher"] as const) parts.set(role, await open(file, role));
  } catch (error) {
    await close();
    throw error;
  }
  const roles = { write: "writer", read: "reader", search: "searcher" } as const;
  const call: CallOperation = (operationKind, name, args) => {
    const part = parts.get(roles[operationKind]);
    if (part === undefined) throw new Error(`Expected a thread for ${name}.`);
    return part.call(name, args);
  };
  return { operations: bindOperations(call), close };
}

async function openThread(file: string, role: WorkerOptions["role"]): Promise<Part> {
  const client = startWorker(resolveOptions({ file }), { role, origin: ORIGIN });
  await client.open();
  return { call: (operation, args) => client.call(operation, args), close: () => client.close() };
}

async function openInOneThread(file: string, role: WorkerOptions["role"]): Promise<Part> {
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  const post = (message: FromWorker): void => {
    if (message.kind !== "answers") return;
    for (const answer of unpackAnswers(message.answers)) {
      const call = pending.get(answer.id);
      if ("error" in answer) call?.reject(new StoreError(answer.error.code, answer.error.message));
      else call?.resolve(answer.ok);
    }
  };
  const options = { ...resolveOptions({ file }), role, origin: ORIGIN };
  const thread = role === "writer" ? await Writer.open(options, post) : await Reader.open(options, post);
  return {
    call: (operation, args) => {
      lastId += 1;
      const call = Promise.withResolvers<unknown>();
      pending.set(lastId, call);
      thread.enqueue([{ id: lastId, operation, args }]);
      return call.promise;
    },
    close: () => new Promise((resolve) => thread.close(resolve)),
  };
}
