import type { z } from "zod";
import type { HandoverBus } from "../../fan-out/handover-bus.ts";
import { connectToPredecessor, handoverSocketPath } from "../../process/handover/handover-socket.ts";
import { MessageLink } from "../../process/handover/message-link.ts";
import { PACKAGE_FOLDER } from "../../process/package-folder.ts";
import { StartError } from "../../process/start-error.ts";
import { version } from "../../process/version.ts";
import {
  ACCEPTED,
  BUS,
  DRAINING,
  describeSelf,
  ENDED,
  type HandoverConfig,
  PROTOCOL,
  REFUSED,
  toPeer,
  WAITING,
} from "./handover-messages.ts";
import type { SuccessorLoad } from "./handover-pace.ts";

/** How long the predecessor has to share its database: it waits for the transactions under way. */
const ANSWER_TIMEOUT_MS = 30_000;
/** How long the predecessor may wait for the end of the server that it has replaced itself: that drains for a minute, and closes. */
const WAIT_TIMEOUT_MS = 120_000;
/** Between two reports of a successor. */
const REPORT_INTERVAL_MS = 20;

export interface LoadSource {
  /** Measures what this server has to do. */
  readonly measure: () => Promise<SuccessorLoad>;
  /** Called with the first failure of several in a row; there is no report of those. */
  readonly onError: (error: unknown) => void;
}

/** How a server has ended. */
export interface ServerEnd {
  /** Whether it could not say that it ends, so that a supervisor may start it again. */
  readonly wasKilled: boolean;
}

/** The successor's end of a hand-over. */
export interface Predecessor {
  readonly pid: number;
  readonly version: string;
  /** The folder of its code. */
  readonly folder: string | undefined;
  /** Connects the bus with the predecessor, once what receives from it is open. */
  connect(bus: HandoverBus): void;
  /** Asks the predecessor to stop listening and to drain its connections. Resolves when this server can be replaced itself. */
  announceServing(): Promise<void>;
  /** Says how much this server has to do, from time to time until the predecessor has ended. Never rejects. */
  reportLoad(source: LoadSource): Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<ServerEnd>;
  close(): void;
}

/**
 * Asks the running server to hand over.
 *
 * @param onWaiting called where that waits for the end of another server, with its process id.
 * @returns undefined where none is running.
 * @throws StartError where it refuses.
 */
export async function askToHandOver(
  config: HandoverConfig,
  onWaiting: (pid: number) => void = () => {},
): Promise<Predecessor | undefined> {
  requireFixedPort(config);
  const socket = await connectToPredecessor(handoverSocketPath(config.dataDir, config.port));
  if (socket === undefined) return undefined;
  const answered = Promise.withResolvers<z.infer<typeof ACCEPTED>>();
  const draining = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<ServerEnd>();
  let wasKilled = true;
  let bus: HandoverBus | undefined;
  const expectAnswer = (timeoutMs: number, expected: string) =>
    setTimeout(() => {
      answered.reject(new StartError(`--replace: expected ${expected} within ${timeoutMs / 1_000} seconds`));
    }, timeoutMs);
  let timer = expectAnswer(ANSWER_TIMEOUT_MS, "the running server to answer");
  // Those that arrive before the bus is there say nothing that the predecessor will not repeat.
  const link = new MessageLink(socket, {
    onMessage: (message) => {
      const received = BUS.safeParse(message).data;
      if (received !== undefined) bus?.receive(received.message);
      const accepted = ACCEPTED.safeParse(message).data;
      if (accepted !== undefined) answered.resolve(accepted);
      const waiting = WAITING.safeParse(message).data;
      if (waiting !== undefined) {
        clearTimeout(timer);
        const expected = `the server that the running one has replaced (process ${waiting.pid}) to end`;
        timer = expectAnswer(WAIT_TIMEOUT_MS, expected);
        onWaiting(waiting.pid);
      }
      if (DRAINING.safeParse(message).success) draining.resolve();
      if (ENDED.safeParse(message).success) wasKilled = false;
      const refused = REFUSED.safeParse(message).data;
      if (refused !== undefined) answered.reject(new StartError(`--replace: ${refused.reason}`));
    },
    onClosed: () => {
      answered.reject(
        new StartError("--replace: expected the running server to answer, but it has ended. Start again."),
      );
      bus?.disconnect(peer);
      draining.resolve();
      ended.resolve({ wasKilled });
    },
  });
  const peer = toPeer(link);
  try {
    link.send({ type: "replace", protocol: PROTOCOL, version, folder: PACKAGE_FOLDER, ...describeSelf(config) });
    const { pid, version: otherVersion, folder } = await answered.promise;
    return {
      pid,
      version: otherVersion,
      folder,
      connect: (opened) => {
        bus = opened;
        if (link.isOpen) bus.connect(peer);
      },
      announceServing: async () => {
        if (link.isOpen) link.send({ type: "serving" });
        await draining.promise;
      },
      reportLoad: async ({ measure, onError }) => {
        let hasFailed = false;
        while (link.isOpen) {
          try {
            const load = await measure();
            if (link.isOpen) link.send({ type: "load", ...load });
            hasFailed = false;
          } catch (error) {
            if (!hasFailed) onError(error);
            hasFailed = true;
          }
          await new Promise((resolve) => setTimeout(resolve, REPORT_INTERVAL_MS).unref());
        }
      },
      ended: ended.promise,
      close: () => link.destroy(),
    };
  } catch (error) {
    link.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function requireFixedPort({ port }: HandoverConfig): void {
  if (port === 0) throw new StartError("--replace: expected PORT to be the port of the running server, got 0");
}
