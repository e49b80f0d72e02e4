import { createClient } from "@multichat/client";
import { fileOutbox } from "@multichat/client/node";

const token = process.env.CHAT_TOKEN;
if (token === undefined) throw new Error("expected CHAT_TOKEN, the token of a signed-in account");

const bot = createClient({
  url: "https://chat.example.org",
  token,
  outbox: fileOutbox("./outbox"), // survives a restart; the default is memory
});

bot.listen((event) => {
  if (event.on !== "message.posted" || event.message.author?.id === bot.me.get()?.id) return;
  if (event.message.body === "ping") bot.room(event.room).send("pong");
});
bot.connect();
