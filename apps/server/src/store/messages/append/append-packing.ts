import type { MessageFile, MessageKind, QuotedMessage } from "@multichat/protocol";
import type { MentionCandidates } from "@multichat/protocol/markup";
import type { ActorRef } from "../../actor-ref.ts";
import type { Packing } from "../../database/packing.ts";
import type { AppendOutcome, Mentions, NewMessage } from "../message-types.ts";

type PackedArgs = readonly [
  room: string,
  accessVersion: number,
  author: string | null,
  username: string | null,
  clientId: string,
  kind: MessageKind,
  body: string,
  replyTo: string | undefined,
  mentionCandidates: MentionCandidates | undefined,
  canMentionAll: boolean,
  slowModeSeconds: number,
  files: readonly string[] | undefined,
];

type PackedResult = readonly [
  id: string,
  seq: number,
  createdAt: number,
  replyTo: QuotedMessage | undefined,
  mentions: Mentions | undefined,
  files: readonly MessageFile[] | undefined,
];

const ARGS_SIZE = 12;
const RESULT_SIZE = 6;

/** The packing of new messages, and of what the database adds to them. */
export const appendPacking: Packing<NewMessage, AppendOutcome> = {
  argsSize: ARGS_SIZE,
  resultSize: RESULT_SIZE,
  packArgs(message): PackedArgs {
    const { author, mentionCandidates } = message;
    return [
      message.room,
      message.accessVersion,
      author === null ? null : author.id,
      author === null ? null : author.username,
      message.clientId,
      message.kind,
      message.body,
      message.replyTo,
      mentionCandidates === undefined || mentionCandidates.length === 0 ? undefined : mentionCandidates,
      message.canMentionAll ?? false,
      message.slowModeSeconds ?? 0,
      message.files,
    ];
  },
  unpackArgs(values, at) {
    // Packed by `packArgs`.
    const packed = values.slice(at, at + ARGS_SIZE) as unknown as PackedArgs;
    const [room, accessVersion, id, username, clientId, kind, body, replyTo, candidates, canMentionAll, slow, files] =
      packed;
    const author: ActorRef = id === null ? null : { id, username: username ?? "" };
    const message = { room, accessVersion, author, clientId, kind, body, canMentionAll, slowModeSeconds: slow, files };
    return candidates === undefined ? { ...message, replyTo } : { ...message, replyTo, mentionCandidates: candidates };
  },
  packResult(result): PackedResult | undefined {
    if (result.outcome !== "appended") return undefined;
    return [result.id, result.seq, result.createdAt, result.replyTo, result.mentions, result.files];
  },
  unpackResult(values, at) {
    // Packed by `packResult`.
    const packed = values.slice(at, at + RESULT_SIZE) as unknown as PackedResult;
    const [id, seq, createdAt, replyTo, mentions, files] = packed;
    return { outcome: "appended", id, seq, createdAt, replyTo, mentions, files };
  },
};
