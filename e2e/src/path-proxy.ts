import { createServer, type IncomingMessage, request } from "node:http";
import { freePort } from "../../scripts/lib/free-port.mjs";

/** A small reverse proxy that serves a chat server under a path of its own host. */
export interface PathProxy {
  /** The public URL of the chat, without a slash at the end. */
  readonly url: string;
  /** Sends requests to this server from now on. */
  readonly connect: (server: string) => void;
  readonly close: () => Promise<void>;
}

/** @param removesPath The server receives `/rooms/1` for `/chat/rooms/1`. */
export async function startPathProxy(path: string, { removesPath }: { removesPath: boolean }): Promise<PathProxy> {
  const port = await freePort();
  let server = "";
  const forward = ({ url = "/", method, headers }: IncomingMessage) => {
    if (url !== path && !url.startsWith(`${path}/`)) return undefined;
    const rest = url.slice(path.length);
    const target = new URL(server);
    return request({
      host: target.hostname,
      port: target.port,
      method,
      headers,
      path: removesPath ? (rest.startsWith("/") ? rest : `/${rest}`) : url,
      agent: false,
    });
  };
  const proxy = createServer((incoming, outgoing) => {
    const forwarded = forward(incoming);
    if (forwarded === undefined) {
      outgoing.writeHead(404).end("another program of this host");
      return;
    }
    forwarded.on("response", (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.writableEnded || outgoing.destroy());
    incoming.pipe(forwarded);
  });
  proxy.on("upgrade", (incoming, socket, head) => {
    socket.on("error", () => socket.destroy());
    const forwarded = forward(incoming);
    if (forwarded === undefined) {
      socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n");
      return;
    }
    forwarded.on("upgrade", (answer, upstream, first) => {
      const lines = answer.rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : []));
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`);
      socket.write(first);
      upstream.write(head);
      upstream.on("error", () => socket.destroy());
      upstream.pipe(socket).pipe(upstream);
    });
    forwarded.on("response", (answer) => {
      socket.end(`HTTP/1.1 ${answer.statusCode} Refused\r\nconnection: close\r\n\r\n`);
      answer.resume();
    });
    forwarded.on("error", () => socket.destroy());
    forwarded.end();
  });
  await new Promise<void>((resolve) => proxy.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${port}${path}`,
    connect: (url) => {
      server = url;
    },
    close: async () => {
      const closed = new Promise((resolve) => proxy.close(resolve));
      proxy.closeAllConnections();
      await closed;
    },
  };
}
