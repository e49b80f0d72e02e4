import { type CommandError, type CommandErrorOptions, commandError } from "../protocol/command-error.ts";
import type { Protocol, ProtocolErrorCode } from "../protocol/define-protocol.ts";

/** One command under way. */
export class Call<P extends Protocol = Protocol> {
  /** The client's number of the command. */
  readonly id: number;
  readonly command: string;
  readonly #protocol: P;
  readonly #connection: AbortSignal;
  // Most handlers do not ask for the signal.
  #controller: AbortController | undefined;
  #reason: CommandError | undefined;

  constructor(protocol: P, { id, command, signal }: { id: number; command: string; signal: AbortSignal }) {
    this.id = id;
    this.command = command;
    this.#protocol = protocol;
    this.#connection = signal;
  }

  /** Fires when the command has timed out or was canceled, and when the connection ends. Pass it to what you await. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return AbortSignal.any([this.#controller.signal, this.#connection]);
  }

  /** Creates an error of the protocol, to be thrown: the client gets its code, message and details. */
  error(code: ProtocolErrorCode<P>, options?: CommandErrorOptions): CommandError {
    return commandError(this.#protocol, code, options);
  }

  /** Lets `signal` fire. */
  abort(reason: CommandError): void {
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
  }
}
