import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { reportPort } from "./report-port.ts";

// The obvious implementation: a loop over the members. The text is encoded once, but each member gets its own frame.
const members = new Set<WebSocket>();
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false }, () => {
  // A listening TCP server has an address with a port.
  reportPort((server.address() as AddressInfo).port);
});
server.on("connection", (socket) => {
  members.add(socket);
  socket.on("close", () => members.delete(socket));
  socket.on("message", (data) => {
    const message: unknown = JSON.parse(String(data));
    const text = JSON.stringify(message);
    for (const member of members) member.send(text);
  });
});
