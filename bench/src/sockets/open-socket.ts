import { connect, type Socket } from "node:net";

const READ_BYTES = 256 * 1024;
// All sockets share one read buffer: each read is processed before the next one.
const READ_BUFFER = Buffer.allocUnsafe(READ_BYTES);
const HANDSHAKE_END = Buffer.from("\r\n\r\n");

export interface SocketOptions {
  readonly port: number;
  /** The loopback address to connect from: each has about 28,000 ports. @default the system's choice */
  readonly localAddress?: string;
  /** The HTTP request that opens the WebSocket. */
  readonly request: string;
  /** Called when the server has accepted the WebSocket, before its first frame. */
  readonly onOpen: () => void;
  /** Called with the bytes of frames: the first `size` of `chunk`, whose memory is reused afterwards. */
  readonly onBytes: (chunk: Buffer, size: number) => void;
  /** Called with the beginning of a response that accepts no WebSocket. */
  readonly onRefused: (response: string) => void;
  /** Called for each read of the socket, with its number of bytes. */
  readonly onRead?: (size: number) => void;
}

/** Opens a client's WebSocket that is as cheap as possible, so that it is not what is measured: its caller parses the frames. */
export function openSocket(options: SocketOptions): Socket {
  const { port, localAddress, request, onOpen, onBytes, onRefused, onRead } = options;
  /** What has arrived of the response; undefined once the socket is open. */
  let received: Buffer | undefined = Buffer.alloc(0);
  const socket = connect({
    port,
    host: "127.0.0.1",
    ...(localAddress === undefined ? {} : { localAddress }),
    noDelay: true,
    onread: {
      buffer: READ_BUFFER,
      callback: (size, bytes) => {
        onRead?.(size);
        const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        if (received === undefined) {
          onBytes(chunk, size);
          return true;
        }
        const response = Buffer.concat([received, chunk.subarray(0, size)]);
        received = response;
        const end = response.indexOf(HANDSHAKE_END);
        if (end === -1) return true;
        if (!response.toString("latin1", 0, 12).endsWith(" 101")) {
          onRefused(response.toString("latin1", 0, 300));
          return true;
        }
        received = undefined;
        onOpen();
        const rest = response.subarray(end + HANDSHAKE_END.length);
        onBytes(rest, rest.length);
        return true;
      },
    },
  });
  socket.write(request);
  return socket;
}
