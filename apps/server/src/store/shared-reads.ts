/** Reads under way at once: enough that the reader, which takes what has come together, never waits for the next. */
const UNDER_WAY = 8;
/** Different questions that may wait here. What is more goes to the reader, whose own bound refuses it. */
const MOST_WAITING = 20_000;

interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly promise: Promise<Answer>;
  readonly resolve: (answer: Promise<Answer>) => void;
}

/**
 * One read for all who want to know the same: a herd that comes back to a room has missed the same part of its log. What waits is
 * shared, what is under way is not: every answer was read after it was asked for, so that it holds what was committed by then.
 */
export class SharedReads<Question, Answer> {
  readonly #read: (question: Question) => Promise<Answer>;
  readonly #keyOf: (question: Question) => string;
  /** By key, the longest waiting first. One for each that is asked, at most. */
  readonly #waiting = new Map<string, Waiting<Question, Answer>>();
  readonly #mostUnderWay: number;
  readonly #mostWaiting: number;
  #underWay = 0;

  constructor(
    read: (question: Question) => Promise<Answer>,
    keyOf: (question: Question) => string,
    { underWay = UNDER_WAY, waiting = MOST_WAITING }: { readonly underWay?: number; readonly waiting?: number } = {},
  ) {
    this.#read = read;
    this.#keyOf = keyOf;
    this.#mostUnderWay = underWay;
    this.#mostWaiting = waiting;
  }

  /** The answer is for others too: nobody changes it. */
  ask(question: Question): Promise<Answer> {
    if (this.#underWay < this.#mostUnderWay) return this.#begin(question);
    const key = this.#keyOf(question);
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return waiting.promise;
    if (this.#waiting.size >= this.#mostWaiting) return this.#begin(question);
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(key, { question, promise, resolve });
    return promise;
  }

  async #begin(question: Question): Promise<Answer> {
    this.#underWay += 1;
    try {
      return await this.#read(question);
    } finally {
      this.#underWay -= 1;
      this.#next();
    }
  }

  #next(): void {
    for (const [key, { question, resolve }] of this.#waiting) {
      this.#waiting.delete(key);
      resolve(this.#begin(question));
      return;
    }
  }
}
