import { packingOf } from "../../operations.ts";
import type { Answer, Call, PackedAnswers, PackedCalls } from "./worker-messages.ts";

// Calls and answers keep their order: only neighbors of one operation share an array.

/** Packs the calls of operations that have a packing. */
export function packCalls(calls: readonly Call[]): (Call | PackedCalls)[] {
  const sent: (Call | PackedCalls)[] = [];
  let group: { operation: string; values: unknown[] } | undefined;
  for (const call of calls) {
    const packing = packingOf(call.operation);
    if (packing === undefined) {
      group = undefined;
      sent.push(call);
      continue;
    }
    if (group?.operation !== call.operation) {
      group = { operation: call.operation, values: [] };
      sent.push(group);
    }
    // The operation takes what its packing packs.
    group.values.push(call.id, ...packing.packArgs(call.args as never));
  }
  return sent;
}

export function unpackCalls(sent: readonly (Call | PackedCalls)[]): Call[] {
  const calls: Call[] = [];
  for (const item of sent) {
    if (!("values" in item)) {
      calls.push(item);
      continue;
    }
    const { operation, values } = item;
    const packing = requirePacking(operation);
    for (let at = 0; at < values.length; at += 1 + packing.argsSize) {
      calls.push({ id: values[at] as number, operation, args: packing.unpackArgs(values, at + 1) });
    }
  }
  return calls;
}

/** Packs the answers of a batch, where their operations have a packing. @param answers of `calls`, in their order */
export function packAnswers(calls: readonly Call[], answers: readonly Answer[]): (Answer | PackedAnswers)[] {
  const sent: (Answer | PackedAnswers)[] = [];
  let group: { operation: string; values: unknown[] } | undefined;
  for (const [index, answer] of answers.entries()) {
    const operation = calls[index]?.operation ?? "";
    // The operation answers what its packing packs.
    const packed = "ok" in answer ? packingOf(operation)?.packResult(answer.ok as never) : undefined;
    if (packed === undefined) {
      group = undefined;
      sent.push(answer);
      continue;
    }
    if (group?.operation !== operation) {
      group = { operation, values: [] };
      sent.push(group);
    }
    group.values.push(answer.id, ...packed);
  }
  return sent;
}

export function unpackAnswers(sent: readonly (Answer | PackedAnswers)[]): Answer[] {
  const answers: Answer[] = [];
  for (const item of sent) {
    if (!("values" in item)) {
      answers.push(item);
      continue;
    }
    const { operation, values } = item;
    const packing = requirePacking(operation);
    for (let at = 0; at < values.length; at += 1 + packing.resultSize) {
      answers.push({ id: values[at] as number, ok: packing.unpackResult(values, at + 1) });
    }
  }
  return answers;
}

function requirePacking(operation: string) {
  const packing = packingOf(operation);
  if (packing === undefined) throw new Error(`expected an operation with a packing, got ${operation}`);
  return packing;
}
