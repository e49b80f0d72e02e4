import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Above the ports that browsers refuse (10,080 is the last), and below those that systems give to outgoing connections (Linux: from
 * 32,768 on), which would take one at any time.
 */
const FIRST_PORT = 11_000;
const LAST_PORT = 32_767;

/**
 * Finds a port on the loopback interface that nothing listens on. It is chosen at random, so that processes that look for one
 * at the same time find different ones.
 * @returns {Promise<number>}
 */
export async function freePort() {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    if (await isFree(port)) return port;
  }
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
