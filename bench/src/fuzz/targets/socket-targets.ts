import { randomBytes } from "node:crypto";
import { CLOSE_CODES, ERRORS, SUBPROTOCOL } from "@multichat/protocol";
import { WebSocket } from "ws";
import { readCorpus } from "../corpus.ts";
import { jsonGenerator } from "../mutate-json.ts";
import { expectThat, Finding, type Target } from "../target.ts";
import { FuzzedServer } from "./fuzzed-server.ts";
import { ANSWER_TIMEOUT_MS, RawSocket } from "./raw-socket.ts";

/** The first character of an input says how it is sent; any other input is a text frame. */
const KINDS = { binary: "\u0001", invalidText: "\u0002", bytes: "\u0003" } as const;
/** Codes of RFC 6455 that a server sends to a client which broke the protocol. */
const STANDARD_CLOSE_CODES = [1000, 1002, 1003, 1005, 1006, 1007, 1009];
const ALLOWED_CLOSE_CODES: readonly number[] = [...STANDARD_CLOSE_CODES, ...Object.values(CLOSE_CODES)];
const BARRIER_ID = 9_007_199_254_740_000;

interface Dialect {
  readonly path: string;
  readonly subprotocol: string | undefined;
  /** A command that is answered after the input. */
  readonly barrier: string;
  /** Whether the frames are the answers to the input and the barrier. @throws Finding for a frame of another shape */
  isAnswered(frames: readonly string[]): boolean;
}

const CHAT: Dialect = {
  path: "/ws",
  subprotocol: SUBPROTOCOL,
  barrier: JSON.stringify({ id: BARRIER_ID, do: "ping" }),
  isAnswered(frames) {
    const replies = frames.map(readFrame).filter((frame) => "re" in frame);
    for (const { re, ok, error } of replies) {
      expectThat(re === null || typeof re === "number", "expected a reply to a number or null");
      expectThat((ok === undefined) !== (error === undefined), "expected either ok or error");
      if (error !== undefined) checkError(error);
    }
    // The reply to a message comes after its commit, and other replies before it.
    return replies.some(({ re }) => re === BARRIER_ID) && replies.length >= 2;
  },
};

const CLASSIC: Dialect = {
  path: "/chat/stream/",
  subprotocol: undefined,
  barrier: JSON.stringify({ command: "nothing", room: "barrier" }),
  isAnswered(frames) {
    const parsed = frames.map(readFrame);
    for (const { error } of parsed) {
      if (error !== undefined) checkError({ code: error, message: "" });
    }
    return parsed.some(({ error }) => error === "COMMAND_UNKNOWN");
  },
};

export function chatSocketTarget(): Target {
  return socketTarget(CHAT, readCorpus("commands"));
}

export function classicSocketTarget(): Target {
  return socketTarget(CLASSIC, readCorpus("classic"));
}

/** Frames and commands on a real connection: each input is answered, or closes its connection with a documented code. */
function socketTarget(dialect: Dialect, texts: readonly string[]): Target {
  const server = new FuzzedServer();
  const generateJson = jsonGenerator(texts);
  let connection: Connection | undefined;
  return {
    corpus: [
      ...texts,
      `${KINDS.binary}\u0000\u0001`,
      `${KINDS.invalidText}{"id":1,"do":"\u00ff\u00fe"}`,
      ...FRAMES.map((frame) => `${KINDS.bytes}${frame}`),
    ],
    generate(random) {
      if (random.chance(0.95)) return generateJson(random);
      const bytes = Buffer.from(Array.from({ length: random.integerBelow(40) }, () => random.integerBelow(256)));
      return `${random.pick(Object.values(KINDS))}${random.pick(FRAMES)}${bytes.toString("latin1")}`;
    },
    async run(input) {
      const { chat, isNew } = await server.next();
      const { cookie } = await chat.session("alice");
      if (isNew) connection = undefined;
      if (input.startsWith(KINDS.bytes)) return sendBytes(chat.socketUrl, dialect, cookie, input.slice(1));
      if (connection === undefined || connection.isClosed) {
        connection = await Connection.open(`${chat.socketUrl}${dialect.path}`, dialect, cookie);
      }
      await connection.exchange(input);
    },
    async close() {
      connection?.close();
      await server.close();
    },
  };
}

class Connection {
  readonly #socket: WebSocket;
  readonly #dialect: Dialect;
  #frames: string[] = [];
  #closeCode: number | undefined;
  #onChange: () => void = () => {};

  private constructor(socket: WebSocket, dialect: Dialect) {
    this.#socket = socket;
    this.#dialect = dialect;
    socket.on("message", (data: Buffer) => {
      this.#frames.push(data.toString("utf8"));
      this.#onChange();
    });
    socket.on("close", (code) => {
      this.#closeCode = code;
      this.#onChange();
    });
    // "close" follows.
    socket.on("error", () => {});
  }

  /** @throws Finding when the server refuses a new connection */
  static async open(url: string, dialect: Dialect, cookie: string): Promise<Connection> {
    const socket = new WebSocket(url, dialect.subprotocol === undefined ? [] : [dialect.subprotocol], {
      headers: { cookie },
      perMessageDeflate: false,
    });
    const connection = new Connection(socket, dialect);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", (error) => reject(new Finding(`expected a new connection, got ${error.message}`)));
    });
    return connection;
  }

  get isClosed(): boolean {
    return this.#closeCode !== undefined || this.#socket.readyState !== WebSocket.OPEN;
  }

  async exchange(input: string): Promise<void> {
    this.#frames = [];
    const rest = Buffer.from(input.slice(1), "latin1");
    if (input.startsWith(KINDS.binary)) this.#socket.send(rest, { binary: true });
    else if (input.startsWith(KINDS.invalidText)) this.#socket.send(rest, { binary: false });
    else this.#socket.send(input.toWellFormed());
    this.#socket.send(this.#dialect.barrier);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Finding("the server did not answer")), ANSWER_TIMEOUT_MS);
    this.#onChange = () => {
      try {
        if (this.#closeCode !== undefined || this.#dialect.isAnswered(this.#frames)) resolve();
      } catch (error) {
        reject(error);
      }
    };
    this.#onChange();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#onChange = () => {};
    }
    const code = this.#closeCode;
    expectThat(code === undefined || ALLOWED_CLOSE_CODES.includes(code), `expected a documented code, got ${code}`);
  }

  close(): void {
    this.#socket.terminate();
  }
}

/** Frames of RFC 6455, right and wrong: masked, unmasked, reserved bits, long lengths, fragments, control frames. */
const FRAMES = [
  "\x81\x80\x00\x00\x00\x00",
  "\x81\x01x",
  "\xc1\x80\x00\x00\x00\x00",
  "\x83\x80\x00\x00\x00\x00",
  "\x81\xfe\x00\x05\x00\x00\x00\x00hello",
  "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00",
  "\x01\x81\x00\x00\x00\x00a\x80\x81\x00\x00\x00\x00b",
  "\x80\x80\x00\x00\x00\x00",
  "\x89\xfe\x00\x7e\x00\x00\x00\x00",
  "\x88\x81\x00\x00\x00\x00x",
  "\x88\x82\x00\x00\x00\x00\x03\xe8",
  "\x88\x82\x00\x00\x00\x00\x00\x00",
];

/** Sends bytes behind a handshake, without regard to framing, and waits until the server has closed the connection. */
async function sendBytes(origin: string, dialect: Dialect, cookie: string, bytes: string): Promise<void> {
  const raw = await RawSocket.connect(origin);
  try {
    const subprotocol = dialect.subprotocol === undefined ? "" : `Sec-WebSocket-Protocol: ${dialect.subprotocol}\r\n`;
    const key = randomBytes(16).toString("base64");
    raw.write(
      `GET ${dialect.path} HTTP/1.1\r\nHost: ${new URL(origin).host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${subprotocol}Cookie: ${cookie}\r\n\r\n`,
    );
    await raw.until((received) => received.includes("\r\n\r\n"));
    expectThat(raw.received.startsWith("HTTP/1.1 101"), "expected a new connection");
    raw.write(bytes);
    raw.end();
    await raw.until(() => false);
  } finally {
    raw.destroy();
  }
}

interface Frame {
  readonly re?: unknown;
  readonly ok?: unknown;
  readonly error?: unknown;
}

/** The cast holds as far as it is used: every property is checked. */
function readFrame(text: string): Frame {
  const frame: unknown = JSON.parse(text);
  expectThat(typeof frame === "object" && frame !== null, "expected frames to be objects");
  return frame as Frame;
}

function checkError(error: unknown): void {
  expectThat(typeof error === "object" && error !== null, "expected an error to be an object");
  const { code, message } = error as { code?: unknown; message?: unknown };
  expectThat(typeof code === "string" && Object.hasOwn(ERRORS, code), `expected a documented code, got ${code}`);
  expectThat(code !== "INTERNAL", "expected no INTERNAL error");
  expectThat(typeof message === "string", "expected a message");
}
