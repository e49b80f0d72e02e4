import { DatabaseSync } from "node:sqlite";

/** By the schema that it leads back from: what its migration has changed, undone. */
const UNDONE: Readonly<Record<number, string>> = {
  22: "alter table marker drop column revision",
  21: "drop table invitation_use; drop table invitation; drop table reset_link",
  20: "drop table file; drop table file_removal; alter table message drop column files",
  19: "drop table room_preference",
  // It stores the keys of usernames again, as they are.
  18: "",
  // They queue messages to be indexed again, which then are.
  17: "",
  16: "",
  15: "",
  14: `
    drop table slow_mode_post;
    drop index message_client;
    create unique index message_client on message (room, coalesce(author, ''), client_id);
    create index message_author on message (author, room, seq) where author is not null;`,
};

/** Turns a database into one of the version before. @returns the schema that it has now */
export function undoLastMigration(file: string): number {
  const raw = new DatabaseSync(file);
  try {
    const row = raw.prepare("select value from meta where key = 'schema'").get();
    const schema = Number(row?.value);
    const undo = UNDONE[schema];
    if (undo === undefined) throw new Error(`Expected bench/src/reading/previous-schema.ts to undo schema ${schema}.`);
    raw.exec(`begin; ${undo}; update meta set value = '${schema - 1}' where key = 'schema'; commit`);
    return schema - 1;
  } finally {
    raw.close();
  }
}
