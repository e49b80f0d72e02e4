import { RedisPresence } from "@multichat/channels-redis";

/** A process of its own with members: joins what it is told, and says so. */
const { options, group, members } = JSON.parse(process.argv[2] ?? "{}");

const presence = new RedisPresence(options);
for (const member of members) await presence.join(group, member, `${member}.${process.pid}`);
console.log("joined");
