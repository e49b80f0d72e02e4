import { type Block, parseMarkup, type Task } from "./blocks.ts";

/** Names an item of a task list by its text, so that it can be found after the message was edited. */
export interface TaskAddress {
  /** Its line, from behind the box on. */
  readonly text: string;
  /** Which one of the items with this text, from 0. */
  readonly occurrence: number;
}

/** Returns the address of the task whose box is at this position; undefined if there is none. */
export function findTask(body: string, position: number): TaskAddress | undefined {
  const text = readLine(body, position);
  const occurrence = listTasks(body)
    .filter((task) => readLine(body, task.position) === text)
    .findIndex((task) => task.position === position);
  return occurrence === -1 ? undefined : { text, occurrence };
}

/** Returns the message's text with the box ticked or cleared; undefined if it has no such task. */
export function setTask(
  body: string,
  { text, occurrence }: TaskAddress,
  { isDone }: { readonly isDone: boolean },
): string | undefined {
  const task = listTasks(body).filter(({ position }) => readLine(body, position) === text)[occurrence];
  if (task === undefined) return undefined;
  if (task.isDone === isDone) return body;
  return `${body.slice(0, task.position)}${isDone ? "x" : " "}${body.slice(task.position + 1)}`;
}

/** Returns what follows the box at this position on its line. */
function readLine(body: string, position: number): string {
  const [line = ""] = body.slice(position + 2).split(/[\r\n]/, 1);
  return line.trim();
}

/** Returns the tasks of all levels in the order of the text. */
function listTasks(body: string): readonly Task[] {
  return tasksIn(parseMarkup(body));
}

function tasksIn(blocks: readonly Block[]): readonly Task[] {
  return blocks.flatMap((block): readonly Task[] => {
    if (block.kind === "quote") return tasksIn(block.children);
    if (block.kind !== "list") return [];
    return block.items.flatMap((item, index) => [
      ...(block.tasks?.[index] ? [block.tasks[index]] : []),
      ...tasksIn(item),
    ]);
  });
}
