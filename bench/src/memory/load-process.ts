import { IdleConnection } from "./idle-connection.ts";
import { type FromLoad, type LoadJob, ROOMS_OF_A_CONNECTION } from "./plan.ts";

// A process of idle connections. It ends with its parent.

/** Connections that open and join at the same time. */
const AT_ONCE = 32;

const send = (message: FromLoad): void => {
  process.send?.(message);
};

process.on("message", (job: LoadJob) => {
  connectAll(job).then(
    () => send({ kind: "idle" }),
    (error: unknown) => send({ kind: "failed", message: String(error) }),
  );
});
process.once("disconnect", () => process.exit());

const connections: IdleConnection[] = [];

async function connectAll({ port, tokens, rooms, first }: LoadJob): Promise<void> {
  const queue = tokens.entries();
  const work = async (): Promise<void> => {
    for (const [n, token] of queue) {
      const index = first + n;
      const connection = new IdleConnection({
        port,
        token,
        index,
        rooms: Array.from({ length: ROOMS_OF_A_CONNECTION }, (_, room) => ((index + room) % rooms) + 1),
        onFailure: (message) => send({ kind: "failed", message }),
      });
      connections.push(connection);
      await connection.joined();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
