import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { attach, InMemoryLayer, registerLayer } from "@multichat/channels";
import { application } from "./application.ts";
import { rooms } from "./rooms.ts";

registerLayer("default", new InMemoryLayer());

const page = await readFile(new URL("../page.html", import.meta.url), "utf8");
const roomButtons = [...rooms.values()]
  .map(({ id, title }) => `<button type="button" data-room="${id}">${title}</button>`)
  .join("\n");
const http = createServer((request, response) => {
  if (request.url !== "/") {
    response.writeHead(404).end();
    return;
  }
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(page.replace("<!-- rooms -->", roomButtons));
});
const server = attach(http, application);

const port = Number(process.env.PORT ?? 8000);
http.listen(port, "127.0.0.1", () => console.log(`MultiChat listens on http://127.0.0.1:${port}/`));

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    http.close();
    void server.drain({ withinMs: 2_000 }).then(() => server.close());
  });
}
