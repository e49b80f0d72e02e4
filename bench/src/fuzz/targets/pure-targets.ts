import { ERRORS, LIMITS } from "@multichat/protocol";
import { makeSchemas } from "@multichat/protocol/schemas";
import { Refusal } from "../../../../apps/server/src/access/refusal.ts";
import { readDataFile } from "../../../../apps/server/src/cli/commands/data-file.ts";
import { CommandFailed } from "../../../../apps/server/src/cli/terminal.ts";
import { parseFrame, readCommand } from "../../../../apps/server/src/consumers/chat/command-reader.ts";
import { parseSearch } from "../../../../apps/server/src/search/search-query.ts";
import { usernameKey } from "../../../../apps/server/src/store/people/username-key.ts";
import { makeCodec } from "../../../../packages/channels-redis/src/codec/codec.ts";
import { DICTIONARY, readCorpus } from "../corpus.ts";
import { randomText } from "../mutate.ts";
import { jsonGenerator } from "../mutate-json.ts";
import { expectThat, type Target } from "../target.ts";

// Readers without side effects: each returns a value or a documented refusal, whatever the text.

const schemas = makeSchemas(LIMITS);

export function searchTarget(): Target {
  return {
    corpus: readCorpus("search"),
    guidedBy: /\/apps\/server\/src\/search\//,
    generate: (random) => randomText(random, DICTIONARY, 12),
    run(text) {
      const { data } = schemas.http.searchQuery.safeParse({ query: text });
      if (data === undefined) return;
      const query = ignoreRefusal(() => parseSearch(data.query));
      if (query === undefined) return;
      expectThat(query.terms.length <= text.length, "expected a character at least of each term");
      const prefixes = query.terms.filter(({ kind }) => kind === "prefix");
      expectThat(prefixes.length <= 10, "expected at most 10 prefixes");
      for (const time of [query.before, query.after]) {
        expectThat(time === undefined || Number.isFinite(time), "expected a date to be a number");
      }
    },
  };
}

export function commandsTarget(): Target {
  const corpus = readCorpus("commands");
  return {
    corpus,
    guidedBy: /\/(?:command-reader|packages\/protocol\/src\/[\w-]+)\.ts/,
    generate: jsonGenerator(corpus),
    run(text) {
      const read = readCommand(schemas.commands, parseFrame(text));
      if (read.kind === "command") {
        expectThat(Object.hasOwn(schemas.commands, read.command.do), "expected a command of the protocol");
        return;
      }
      const { code, message } = read.refusal.toWire();
      expectThat(Object.hasOwn(ERRORS, code), `expected a documented code, got ${code}`);
      expectThat(message.length > 0 && message.length < 2_000, "expected a short message");
    },
  };
}

export function namesTarget(): Target {
  const { username, title, topic } = schemas.fields;
  return {
    corpus: readCorpus("names"),
    guidedBy: /\/(?:username-key|packages\/protocol\/src\/[\w/-]+)\.ts/,
    generate: (random) => randomText(random, DICTIONARY, 5),
    run(text) {
      const key = usernameKey(text);
      expectThat(usernameKey(key) === key, "expected the key of a key to be the same");
      expectThat(key.normalize("NFKC") === key, "expected a key to be normalized");
      const name = username.safeParse(text);
      if (name.success) {
        for (const form of [name.data.toUpperCase(), name.data.toLowerCase(), name.data.normalize("NFD")]) {
          expectThat(usernameKey(form) === usernameKey(name.data), "expected one key for all forms of a username");
        }
        expectThat(!/[\p{Cc}\p{Cs}\s]/u.test(name.data), "expected a username without spaces and control characters");
      }
      const heading = title.safeParse(text);
      if (heading.success) expectThat(!/[\r\n]/.test(heading.data), "expected a title of one line");
      const subject = topic.safeParse(text);
      if (subject.success) expectThat(subject.data.isWellFormed(), "expected a topic of well-formed text");
    },
  };
}

export function dataFileTarget(): Target {
  const corpus = readCorpus("data-file");
  return {
    corpus,
    guidedBy: /\/(?:data-file|packages\/protocol\/src\/[\w/-]+)\.ts/,
    generate: jsonGenerator(corpus),
    run(text) {
      try {
        const { users, rooms } = readDataFile("the file", text, LIMITS);
        expectThat(Array.isArray(users) && Array.isArray(rooms), "expected users and rooms");
      } catch (error) {
        if (!(error instanceof CommandFailed)) throw error;
      }
    },
  };
}

/** Messages as another process would put them into Redis, in every format, with and without encryption. */
export function codecTarget(): Target {
  const keys = ["a key of the tests"];
  const codecs = [
    makeCodec({ uniquePrefix: false }),
    makeCodec({ uniquePrefix: true }),
    makeCodec({ serializer: "json", uniquePrefix: false }),
    makeCodec({ uniquePrefix: false, symmetricEncryptionKeys: keys, maxAgeSeconds: 60 }),
  ];
  const messages = readCorpus("layer");
  const generateJson = jsonGenerator(messages);
  const encoded = messages.flatMap((text) => codecs.map((codec) => codec.encode(JSON.parse(text)).toString("latin1")));
  return {
    corpus: encoded,
    guidedBy: /\/(?:channels-redis\/src\/codec|@msgpack\/msgpack)\//,
    isBinary: true,
    generate(random) {
      const codec = random.pick(codecs);
      try {
        return codec.encode(JSON.parse(generateJson(random))).toString("latin1");
      } catch {
        // The changed text is no JSON, or no message.
        return random.pick(encoded);
      }
    },
    run(input) {
      const bytes = Buffer.from(input, "latin1");
      for (const codec of codecs) {
        const message = codec.decode(bytes);
        if (message === undefined) continue;
        expectThat(typeof message === "object" && message !== null, "expected a message to be an object");
        expectThat(Object.isFrozen(message), "expected a frozen message");
      }
    },
  };
}

/** Returns what the reader returns; undefined if it refuses the input with a code. Throws what else it throws. */
function ignoreRefusal<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expectThat(error.message.length < 2_000, "expected a short message");
    return undefined;
  }
}
