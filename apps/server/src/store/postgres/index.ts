// The entry of what is loaded where Postgres is chosen.
export { openPostgresSource, openPostgresTarget } from "./copy-ends.ts";
export { inspectPostgres, migratePostgres } from "./maintenance.ts";
export { openMessageBus } from "./message-bus.ts";
export { openPostgresStore } from "./postgres-store.ts";
export { lockPostgresForServer } from "./server-lock.ts";
