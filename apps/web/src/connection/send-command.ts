import type { CommandName, CommandParams, CommandResult } from "@multichat/protocol";
import { chat } from "./chat.ts";

/** A little more than the SDK gives a connection to open. */
const OPENING_TIMEOUT_MS = 20_000;

interface SendOptions {
  readonly signal?: AbortSignal;
}

function isOpening(): boolean {
  const { phase } = chat.state;
  return phase === "idle" || phase === "connecting";
}

/** Resolves when the connection is open, or it is known that it will not open soon. */
function connectionSettled(signal: AbortSignal | undefined): Promise<void> {
  if (!isOpening()) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      unsubscribe();
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, OPENING_TIMEOUT_MS);
    const unsubscribe = chat.connection.subscribe(() => {
      if (!isOpening()) finish();
    });
    signal?.addEventListener("abort", finish);
  });
}

/**
 * Sends a command and resolves with its reply. One that is sent while the connection opens, as by a page that was just loaded,
 * waits for it. Rejects as the SDK's `request`, at once where there is no connection.
 */
export async function sendCommand<N extends CommandName>(
  name: N,
  params: CommandParams<N>,
  options: SendOptions = {},
): Promise<CommandResult<N>> {
  await connectionSettled(options.signal);
  return await chat.request(name, params, options);
}
