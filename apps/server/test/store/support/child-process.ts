import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { SOURCE_ARGUMENTS } from "../../support/source-arguments.ts";
import type { Acknowledged, ChangeEvent, FromChild, ToChild } from "./child-store.ts";

/** A second process with a store on the same file. */
export interface Child {
  readonly epoch: string;
  readonly acknowledged: readonly Acknowledged[];
  /** The events of its acknowledged changes of messages. */
  readonly changed: readonly ChangeEvent[];
  /** The error messages of rejected appends. */
  readonly refused: readonly string[];
  readonly pid: number;
  /** Calls an operation of the child's store, such as `rooms.create`, and resolves with its result. */
  call(operation: string, args: object): Promise<unknown>;
  /** Posts messages to a room as fast as possible, until the child is killed or stopped. */
  flood(room: string, author: string): void;
  /** Posts messages and changes them in every way, until the child is killed or stopped. */
  churn(room: string, author: string): void;
  /** Resolves when every message has been acknowledged or rejected. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** Starts a child that is killed after the test. */
export async function childFor(file: string): Promise<Child> {
  const child = await startChild(file);
  onTestFinished(() => child.kill());
  return child;
}

/** Starts a child that the caller has to kill. */
export async function startChild(file: string): Promise<Child> {
  const script = fileURLToPath(new URL("./child-store.ts", import.meta.url));
  const child = fork(script, [file], {
    execArgv: [...SOURCE_ARGUMENTS],
    serialization: "advanced",
  });
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  const acknowledged: Acknowledged[] = [];
  const changed: ChangeEvent[] = [];
  const refused: string[] = [];
  const opened = Promise.withResolvers<string>();
  const stopped = Promise.withResolvers<void>();
  let lastId = 0;
  child.on("message", (message: FromChild) => {
    if (message.kind === "open") opened.resolve(message.epoch);
    else if (message.kind === "acknowledged") acknowledged.push(...message.acknowledged);
    else if (message.kind === "changed") changed.push(...message.changed);
    else if (message.kind === "refused") refused.push(message.message);
    else if (message.kind === "stopped") stopped.resolve();
    else if ("error" in message) pending.get(message.id)?.reject(new Error(message.error));
    else pending.get(message.id)?.resolve(message.ok);
  });
  child.once("exit", (code, signal) => {
    const error = new Error(`the child ended with ${code ?? signal}`);
    opened.reject(error);
    for (const { reject } of pending.values()) reject(error);
  });
  const send = (message: ToChild) => child.send(message);
  const epoch = await opened.promise;
  return {
    epoch,
    acknowledged,
    changed,
    refused,
    pid: child.pid ?? 0,
    call(operation, args) {
      lastId += 1;
      const result = Promise.withResolvers<unknown>();
      pending.set(lastId, result);
      send({ kind: "call", id: lastId, operation, args });
      return result.promise;
    },
    flood: (room, author) => send({ kind: "flood", room, author }),
    churn: (room, author) => send({ kind: "churn", room, author }),
    async stop() {
      send({ kind: "stop" });
      await stopped.promise;
    },
    kill: () => kill(child),
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
