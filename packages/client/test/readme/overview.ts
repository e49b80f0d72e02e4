import { createClient } from "@multichat/client";

const client = createClient(); // the page's origin, the session cookie
client.connect();

client.connection.get(); // { phase: "idle" | "connecting" | "open" | "waiting" | "offline" | "refused", ... }
client.me.get(); // Me | null
client.rooms.get(); // { status: "cold" | "stale" | "live", rooms: RoomListEntry[] }
const entry = client.rooms.find(3); // by number or id; undefined while the list is not loaded
if (entry === undefined) throw new Error("expected to see room 3");

const room = client.room(entry.id);
const close = room.open(); // loads the room and keeps it caught up, until close()
room.get(); // { status, error, room, items, hasBefore, unread, mentions, readSeq, notices, ... }
const { clientId, delivered } = room.send("hello"); // shown at once as a "pending" item
const message = await delivered; // optional: the message as the server posted it
await room.loadBefore();
room.markRead(message.seq);

room.send("I agree", { replyTo: message });
await room.edit(message.id, "hello, all"); // the user's own message
await room.react(message.id, "👍", { added: true });
await room.pin(message.id, { pinned: true });
await room.remove(message.id);
room.typing(); // with every keystroke
room.members.subscribe(() => room.members.get()); // { status, members, count }
room.bans.subscribe(() => room.bans.get()); // { status, banned, count }, for moderators
room.pins.subscribe(() => room.pins.get()); // { status, messages }
close();

client.presence.of("0197f3c2-5a51-7c4e-9b1d-2f0a6e8d4b13"); // by a user's id: Readable<Presence | undefined>
client.presence.set("busy", "on the phone");
const { found, cursor } = await client.search('"last week" from:bob', { limit: 20 });
if (cursor !== null) found.concat((await client.search('"last week" from:bob', { cursor })).found); // the next ones

client.outbox.get(); // all unsent messages
client.outbox.retry(clientId);
client.outbox.discard(clientId);

await client.request("history.page", { room: entry.id, limit: 20 }); // any command, typed
client.disconnect();
