import { Agent, request } from "node:http";
import type { Request } from "./requests.ts";

export interface Response {
  readonly status: number;
  readonly retryAfterSeconds: number;
  /** The beginning of the body. */
  readonly text: string;
}

const TEXT_CHARS = 500;

/** One keep-alive connection, on which a user requests one thing after another. */
export class Requester {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: URL;
  readonly #token: string;
  readonly #address: string;

  /** @param user The token of the user, and the loopback address that the requests come from. */
  constructor(user: { readonly url: string; readonly token: string; readonly address: string }) {
    this.#url = new URL(user.url);
    this.#token = user.token;
    this.#address = user.address;
  }

  send({ method, path, headers, body, isAnonymous = false }: Request): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const { hostname, port } = this.#url;
    const sent = request({
      agent: this.#agent,
      hostname,
      localAddress: this.#address,
      port,
      method,
      path,
      headers: {
        ...(isAnonymous ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
        ...headers,
      },
    });
    sent.on("error", reject);
    sent.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        if (text.length < TEXT_CHARS) text += chunk.slice(0, TEXT_CHARS);
      });
      response.on("error", reject);
      response.on("end", () => {
        const retryAfterSeconds = Number(response.headers["retry-after"] ?? Number.NaN);
        resolve({ status: response.statusCode ?? 0, retryAfterSeconds, text });
      });
    });
    sent.end(body);
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}
