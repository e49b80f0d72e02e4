/** By schema: what its migration has changed, undone. The same on both databases. */
const UNDONE: Readonly<Record<number, readonly string[]>> = {
  19: ["drop table room_preference"],
  20: ["drop table file", "drop table file_removal", "alter table message drop column files"],
  22: ["alter table marker drop column revision"],
  21: ["drop table invitation_use", "drop table invitation", "drop table reset_link"],
};

/** Returns the statements that undo the migrations after this schema, the last one first, as far as they have created anything. */
export function undoMigrationsAfter(schema: number): readonly string[] {
  return Object.entries(UNDONE)
    .filter(([number]) => Number(number) > schema)
    .reverse()
    .flatMap(([, statements]) => statements);
}
