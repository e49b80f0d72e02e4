import { RedisPresence } from "@multichat/channels-redis";

/** Presence in a process of its own: joins the given members, and prints when it has. */
const { options, group, members } = JSON.parse(process.argv[2] ?? "{}");

const presence = new RedisPresence(options);
for (const member of members) await presence.join(group, member, `${member}.${process.pid}`);
console.log("joined");
