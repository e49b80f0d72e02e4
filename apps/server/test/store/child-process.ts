import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { Acknowledged, FromChild, Made, ToChild } from "./child-store.ts";

/** A second process with a store on the same file. */
export interface Child {
  readonly epoch: string;
  readonly acknowledged: readonly Acknowledged[];
  /** What its changes of messages have made. */
  readonly changed: readonly Made[];
  /** Messages of errors that appends of the flood were rejected with. */
  readonly refused: readonly string[];
  readonly pid: number;
  /** Calls an operation of the child's store, such as `rooms.create`, and resolves with its result. */
  call(operation: string, args: object): Promise<unknown>;
  /** Posts messages to a room as fast as they go, until it is killed or stopped. */
  flood(room: string, author: string): void;
  /** Posts and changes messages in every way, until it is killed or stopped. */
  stir(room: string, author: string): void;
  /** Resolves when nothing of the flood is under way any more. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** A child that is killed after the test. */
export async function childFor(file: string): Promise<Child> {
  const child = await startChild(file);
  onTestFinished(() => child.kill());
  return child;
}

/** A child that whoever starts it has to kill. */
export async function startChild(file: string): Promise<Child> {
  const script = fileURLToPath(new URL("./child-store.ts", import.meta.url));
  const child = fork(script, [file], {
    execArgv: ["--conditions=@multichat/source"],
    serialization: "advanced",
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const acknowledged: Acknowledged[] = [];
  const changed: Made[] = [];
  const refused: string[] = [];
  const opened = Promise.withResolvers<string>();
  const stopped = Promise.withResolvers<void>();
  let calls = 0;
  child.on("message", (message: FromChild) => {
    if (message.kind === "open") opened.resolve(message.epoch);
    else if (message.kind === "acknowledged") acknowledged.push(...message.acknowledged);
    else if (message.kind === "changed") changed.push(...message.changed);
    else if (message.kind === "refused") refused.push(message.message);
    else if (message.kind === "stopped") stopped.resolve();
    else if ("error" in message) waiting.get(message.id)?.reject(new Error(message.error));
    else waiting.get(message.id)?.resolve(message.ok);
  });
  child.once("exit", (code, signal) => {
    const error = new Error(`the child ended with ${code ?? signal}`);
    opened.reject(error);
    for (const { reject } of waiting.values()) reject(error);
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
      calls += 1;
      const answer = Promise.withResolvers<unknown>();
      waiting.set(calls, answer);
      send({ kind: "call", id: calls, operation, args });
      return answer.promise;
    },
    flood: (room, author) => send({ kind: "flood", room, author }),
    stir: (room, author) => send({ kind: "stir", room, author }),
    async stop() {
      send({ kind: "stop" });
      await stopped.promise;
    },
    kill: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
