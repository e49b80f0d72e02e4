import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { openDoor } from "./server-door.ts";

// What one writes first: a loop over the members. The text is made once, the frame for each.
const members = new Set<WebSocket>();
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false }, () => {
  // A listening TCP server has an address with a port.
  openDoor((server.address() as AddressInfo).port);
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
