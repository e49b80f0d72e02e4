import { auditOperations } from "./audit/operations.ts";
import { changeFeedOperations } from "./change-feed/operations.ts";
import type { Methods, Operation, OperationKind } from "./database/operation.ts";
import type { Packing } from "./database/packing.ts";
import { eventLogOperations } from "./event-log/operations.ts";
import { fileOperations } from "./files/operations.ts";
import { maintenanceOperations } from "./maintenance/operations.ts";
import { markerOperations } from "./markers/operations.ts";
import { memberOperations } from "./members/operations.ts";
import { messageOperations } from "./messages/operations.ts";
import { accountOperations, statementOperations } from "./people/operations.ts";
import { preferenceOperations } from "./preferences/operations.ts";
import { roomLoadOperations, roomOperations } from "./rooms/operations.ts";
import { searchOperations } from "./search/operations.ts";
import { settingsOperations } from "./settings/operations.ts";

/**
 * Every operation of the store, by noun and name. The contract (`store.ts`), the calls to the database threads and the
 * threads' dispatch are derived from this table.
 */
export const OPERATIONS = {
  rooms: roomOperations,
  messages: messageOperations,
  files: fileOperations,
  members: memberOperations,
  eventLog: eventLogOperations,
  search: searchOperations,
  markers: markerOperations,
  preferences: preferenceOperations,
  settings: settingsOperations,
  audit: auditOperations,
  changes: changeFeedOperations,
  people: accountOperations,
  // The last three are for the store itself.
  roomLoads: roomLoadOperations,
  statements: statementOperations,
  maintenance: maintenanceOperations,
};

/** The operations as functions of one object of named parameters. */
export type StoreOperations = { readonly [Noun in keyof typeof OPERATIONS]: Methods<(typeof OPERATIONS)[Noun]> };

/** Runs the operation of a name, such as `messages.append`, where those of its kind run. */
export type CallOperation = (kind: OperationKind, name: string, args: unknown) => Promise<unknown>;

/** Makes a function of every operation, which passes its name and its argument to `call`. */
export function bindOperations(call: CallOperation): StoreOperations {
  const nouns = Object.entries(OPERATIONS).map(([noun, table]) => {
    const methods = Object.entries(table).map(([name, { kind }]: [string, Operation]) => {
      const fullName = `${noun}.${name}`;
      return [name, (args: unknown) => call(kind, fullName, args)];
    });
    return [noun, Object.fromEntries(methods)];
  });
  // Every function runs the operation of its own name, so it has that operation's type.
  return Object.fromEntries(nouns) as StoreOperations;
}

const BY_NAME: ReadonlyMap<string, Operation> = new Map(
  Object.entries(OPERATIONS).flatMap(([noun, table]) =>
    Object.entries(table).map(([name, operation]): [string, Operation] => [`${noun}.${name}`, operation]),
  ),
);

/** Returns how an operation travels between threads; undefined: as it is. */
export function packingOf(name: string): Packing | undefined {
  return BY_NAME.get(name)?.packing;
}

/** Whether an operation shares its savepoint with others; see `Operation.isBatched`. */
export function isBatchedOperation(name: string): boolean {
  return BY_NAME.get(name)?.isBatched === true;
}

/** Returns the key of a call that can run at the same time as others; see `Operation.keyOf`. */
export function keyOfCall(name: string, args: unknown): string | undefined {
  // The types of both sides come from the table above.
  return BY_NAME.get(name)?.keyOf?.(args as never);
}

/** Runs an operation by its name, where it is of one of these kinds. */
export function runOperation<Context>(
  kinds: readonly OperationKind[],
  context: Context,
  name: string,
  args: unknown,
): Promise<unknown> {
  const operation = BY_NAME.get(name);
  if (operation === undefined || !kinds.includes(operation.kind)) {
    throw new Error(`expected an operation of kind ${kinds.join(" or ")}, got ${name}`);
  }
  // The types of both sides come from this table; a reader passes a read context, the writer a write context.
  return operation.run(context as never, args as never);
}
