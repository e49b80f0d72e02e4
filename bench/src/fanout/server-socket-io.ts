import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { reportPort } from "./report-port.ts";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });
io.on("connection", (socket) => {
  void socket.join("general");
  socket.on("message", (message: unknown) => {
    io.to("general").emit("message", message);
  });
});
http.listen(0, "127.0.0.1", () => {
  // A listening TCP server has an address with a port.
  reportPort((http.address() as AddressInfo).port);
});
