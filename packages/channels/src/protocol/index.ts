export { type AsyncApiOptions, type JsonSchema, toAsyncApi } from "./async-api.ts";
export { CommandError, type CommandErrorOptions, commandError } from "./command-error.ts";
export {
  type CommandArguments,
  type CommandDeclaration,
  type CommandInput,
  type CommandName,
  type CommandReply,
  type CommandResult,
  defineProtocol,
  type EventArguments,
  type EventContent,
  type EventName,
  type FreeKeys,
  type Protocol,
  type ProtocolErrorCode,
} from "./define-protocol.ts";
export { type InputOf, type Issue, type OutputOf, type Schema, unchecked } from "./schema.ts";
export {
  BUILT_IN_ERRORS,
  type CancelFrame,
  type CommandFrame,
  type DrainFrame,
  type EventFrame,
  type GapFrame,
  type GroupFrame,
  type InputIssues,
  type PositionFrame,
  type ReplyFrame,
  SUBPROTOCOL,
  type WireError,
} from "./wire.ts";
