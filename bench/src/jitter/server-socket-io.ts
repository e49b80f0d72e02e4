import { createServer } from "node:http";
import { Server } from "socket.io";

// Socket.IO as its documentation shows it: rooms, a broadcast, and connection state recovery if requested.
const recovery = process.argv[2] === "recovery";
const http = createServer();
const io = new Server(http, {
  transports: ["websocket"],
  ...(recovery ? { connectionStateRecovery: { maxDisconnectionDuration: 120_000, skipMiddlewares: true } } : {}),
});

io.on("connection", (socket) => {
  // A recovered socket is already in its room.
  if (!socket.recovered) void socket.join(String(socket.handshake.query.room));
  socket.on("message", (room: number, message: object) => {
    io.to(String(room)).emit("message", message);
  });
});

// The largest backlog that the system allows: ten thousand simultaneous reconnects exceed Node's default of 511.
http.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, () => {
  const address = http.address();
  if (typeof address === "object" && address !== null) process.send?.({ port: address.port });
});
