import { connect } from "node:net";

// Keeps COUNT connections open to a server on this machine, each from another address and again as soon as it is closed. A
// process of its own: a test that opened them would be too busy to send its own requests.

const { PORT: port = "", COUNT: count = "", SENT: sent = "" } = process.env;
let opened = 0;

function open(): void {
  opened += 1;
  const localAddress = `127.0.${1 + (opened % 50)}.${1 + (opened % 200)}`;
  const socket = connect({ host: "127.0.0.1", port: Number(port), localAddress }, () => socket.write(sent));
  socket.on("error", () => {}).resume();
  socket.on("close", open);
}

for (let n = 0; n < Number(count); n += 1) open();
// Answers with how many connections were opened so far.
process.on("message", () => process.send?.(opened));
process.on("disconnect", () => process.exit());
