import { prepareCentrifugo, startCentrifugo } from "../peers/centrifugo.ts";
import { PreparedChat } from "../peers/chat.ts";
import { compileProgram } from "../peers/native.ts";
import { startBroadcaster, startNodePeer } from "../peers/node-peers.ts";
import type { RunningServer } from "../peers/running-server.ts";
import { prepareUvicorn, startUvicorn } from "../peers/uvicorn.ts";
import type { Subject } from "./plan.ts";

/** The subjects that this machine can run, and what their servers need. */
export class Subjects {
  readonly available: readonly Subject[];
  /** Why the others are missing, for the output. */
  readonly notes: readonly string[];
  readonly #chat: PreparedChat | undefined;

  private constructor(available: readonly Subject[], notes: readonly string[], chat: PreparedChat | undefined) {
    this.available = available;
    this.notes = notes;
    this.#chat = chat;
  }

  /** Builds and installs what the subjects need, which takes minutes the first time. */
  static async prepare(
    subjects: readonly Subject[],
    { accounts, rooms }: { readonly accounts: number; readonly rooms: number },
  ): Promise<Subjects> {
    const missing = new Map<Subject, string>();
    for (const subject of subjects) {
      const reason = prepare(subject);
      if (reason !== undefined) missing.set(subject, reason);
    }
    const chat = subjects.includes("multichat") ? await PreparedChat.create({ accounts, rooms }) : undefined;
    return new Subjects(
      subjects.filter((subject) => !missing.has(subject)),
      [...missing].map(([subject, reason]) => `Without ${subject}: ${reason}.`),
      chat,
    );
  }

  /** The tokens of the members, where they sign in. */
  tokensOf(subject: Subject): readonly string[] {
    return subject === "multichat" ? (this.#chat?.tokens ?? []) : [];
  }

  start(subject: Subject, options: { readonly profileDir?: string | undefined }): Promise<RunningServer> {
    switch (subject) {
      case "multichat":
        if (this.#chat === undefined) throw new Error("Expected a prepared chat.");
        return this.#chat.start(options);
      case "centrifugo":
        return startCentrifugo();
      case "uvicorn":
        return startUvicorn();
      case "epoll":
        return startBroadcaster();
      default:
        return startNodePeer(subject);
    }
  }

  async remove(): Promise<void> {
    await this.#chat?.remove();
  }
}

/** Returns why a subject cannot run here. */
function prepare(subject: Subject): string | undefined {
  switch (subject) {
    case "centrifugo":
      return prepareCentrifugo();
    case "uvicorn":
      return prepareUvicorn();
    case "epoll":
      return compileProgram("limit") === undefined ? "it needs Linux and a C compiler" : undefined;
    default:
      return undefined;
  }
}
