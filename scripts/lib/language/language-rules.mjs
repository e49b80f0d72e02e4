// The words that names and prose do without, each with what to write instead. docs/glossary.md has the words to use.
// `npm test` checks both in the step `language`; scripts/test/language.test.ts plants a violation of every rule.

/**
 * - `names`: declared identifiers and file names, word by word (`tellRoom` is "tell room").
 * - `prose`: comments, texts with a space in them, and documents.
 * @typedef {"names" | "prose"} Kind
 * @typedef {{ word: string, kinds: readonly Kind[], use: string, forms?: readonly string[] }} WordRule
 * @typedef {{ phrase: RegExp, example: string, use: string }} PhraseRule
 * @typedef {{ file: RegExp, word: string, reason: string }} Exception
 */

/** @type {readonly Kind[]} */
const BOTH = ["names", "prose"];
/** @type {readonly Kind[]} */
const NAMES = ["names"];
/** @type {readonly Kind[]} */
const PROSE = ["prose"];

/** One word each, with its inflected forms. @type {readonly WordRule[]} */
export const WORDS = [
  // One idea, several words: the glossary has the one to use.
  { word: "told", kinds: BOTH, use: "published, delivered, notified, or reported" },
  { word: "telling", kinds: BOTH, use: "publishing, delivering, notifying, or reporting" },
  { word: "tell", forms: ["tells", "teller", "tellers"], kinds: NAMES, use: "publish, deliver, notify, or report" },
  { word: "tells", kinds: PROSE, use: "says, reports, notifies" },
  {
    word: "heard",
    forms: ["hearing", "hearings", "hearer", "hearers"],
    kinds: BOTH,
    use: "received, joined, or subscribed",
  },
  { word: "hear", forms: ["hears"], kinds: NAMES, use: "receive, join, or subscribe" },
  { word: "speaker", forms: ["speakers"], kinds: BOTH, use: "publisher connection, or sender" },
  { word: "seat", forms: ["seats", "seated", "seating", "unseat", "unseated"], kinds: BOTH, use: "joined room, join" },
  { word: "standing", forms: ["standings"], kinds: BOTH, use: "room access" },
  { word: "sit", forms: ["sits", "sitting", "sat"], kinds: NAMES, use: "join, or subscribe" },
  { word: "stand", forms: ["stands", "stood"], kinds: NAMES, use: "leave, or describe the state" },
  { word: "risen", forms: ["rises"], kinds: NAMES, use: "evicted" },
  { word: "attend", forms: ["attends", "attending", "attendee"], kinds: NAMES, use: "watch, or subscribe" },
  { word: "here", forms: ["hereabouts"], kinds: NAMES, use: "local, or presence" },
  { word: "kept", forms: ["keeper", "keepers"], kinds: NAMES, use: "persisted" },
  { word: "keeper", forms: ["keepers"], kinds: PROSE, use: "persister" },
  { word: "shelf", forms: ["shelves"], kinds: BOTH, use: "persistence, storage" },
  { word: "deed", forms: ["deeds"], kinds: BOTH, use: "command, or change" },
  { word: "intent", forms: ["intents"], kinds: NAMES, use: "idempotency key" },
  { word: "patient", kinds: NAMES, use: "retrying" },
  { word: "distrust", forms: ["distrusts", "distrusted"], kinds: BOTH, use: "probe" },
  { word: "losses", kinds: NAMES, use: "generation" },
  { word: "usual", kinds: NAMES, use: "default" },
  { word: "may", kinds: NAMES, use: "can" },
  // Metaphors.
  { word: "house", forms: ["houses"], kinds: BOTH, use: "repository layout, fixture, or world (in tests)" },
  { word: "door", forms: ["doors", "doorway", "doorways"], kinds: BOTH, use: "API, interface, or entry point" },
  { word: "wall", forms: ["walls", "walled"], kinds: BOTH, use: "import rule" },
  { word: "nerve", forms: ["nerves"], kinds: BOTH, use: "channel layer" },
  { word: "herd", forms: ["herds"], kinds: BOTH, use: "connection pool, or many clients" },
  { word: "crowd", forms: ["crowds", "crowded", "crowding"], kinds: BOTH, use: "client pool, backlog, or large room" },
  { word: "voice", forms: ["voices"], kinds: BOTH, use: "protocol client" },
  { word: "ear", forms: ["ears"], kinds: BOTH, use: "listener" },
  { word: "contestant", forms: ["contestants"], kinds: BOTH, use: "subject" },
  { word: "hole", forms: ["holes"], kinds: BOTH, use: "gap, or parameter" },
  { word: "book", forms: ["books"], kinds: NAMES, use: "store, or list" },
  { word: "board", forms: ["boards"], kinds: NAMES, use: "list" },
  // Pronouns and clauses as subjects or names.
  { word: "anew", kinds: BOTH, use: "again" },
  { word: "afresh", kinds: BOTH, use: "again" },
  { word: "whoever", forms: ["whomever", "whosoever"], kinds: BOTH, use: "the user, the caller, the client" },
  { word: "whom", kinds: NAMES, use: "user, member, recipient" },
  { word: "oneself", kinds: BOTH, use: "themselves, yourself" },
  { word: "somebody", forms: ["nobody"], kinds: NAMES, use: "user, member, author" },
  { word: "somebody", kinds: PROSE, use: "a user, a member, someone" },
  // One spelling.
  { word: "behaviour", forms: ["behaviours"], kinds: BOTH, use: "behavior" },
  { word: "colour", forms: ["colours", "coloured"], kinds: BOTH, use: "color" },
  { word: "neighbour", forms: ["neighbours"], kinds: BOTH, use: "neighbor" },
  {
    word: "normalise",
    forms: ["normalises", "normalised", "normalisation", "serialise", "serialises", "serialised", "recognise"],
    kinds: BOTH,
    use: "the spelling with z",
  },
  // Words that no native engineer writes.
  { word: "whilst", kinds: BOTH, use: "while" },
  {
    word: "thereof",
    forms: ["therein", "thereby", "thereafter", "hereby", "herein"],
    kinds: BOTH,
    use: "of it, in it",
  },
  { word: "wherein", forms: ["whereof", "whereupon"], kinds: BOTH, use: "in which" },
  { word: "betwixt", forms: ["hither", "thither", "hence", "thence", "whence"], kinds: BOTH, use: "so, from" },
];

/** Words with a hyphen that are the field's own, whatever their parts. @type {readonly string[]} */
export const COMPOUNDS = ["wall-clock"];

/** Turns of phrase, in prose alone; a space stands for the end of a line too. @type {readonly PhraseRule[]} */
export const PHRASES = [
  { phrase: /\bwho(?:ever)? (?:is|are) (?:here|there)\b/i, example: "who is there", use: "presence, who is online" },
  { phrase: /\bat the most\b/i, example: "ten at the most", use: "at most" },
  { phrase: /\bone's\b/i, example: "one's own rooms", use: "the user's, your" },
  { phrase: /\b(?:that|which) (?:one )?one may\b/i, example: "the rooms that one may see", use: "that the user can" },
  { phrase: /\bput(?:s|ting)? right\b/i, example: "has to be put right", use: "fix" },
  {
    phrase: /\blet(?:s|ting)? (?:everybody|them|it|him|her) go\b/i,
    example: "letting everybody go",
    use: "close, drain",
  },
  {
    phrase: /\blet(?:s|ting)? (?:its|the|all|their) (?:clients?|connections?|users?) go\b/i,
    example: "lets its clients go",
    use: "close, drain",
  },
  { phrase: /\b(?:is|are|was|were) away\b/i, example: "while Redis is away", use: "unavailable, offline" },
  {
    phrase: /\b(?:gone|lost|ignored|dropped) without a word\b/i,
    example: "a machine that is gone without a word",
    use: "disappeared without closing its connections, silently",
  },
  { phrase: /\bof its own accord\b/i, example: "it ends of its own accord", use: "by itself" },
  { phrase: /\bup to date with the log\b/i, example: "up to date with the log", use: "caught up" },
  { phrase: /\bcom(?:es|ing|e) to light\b/i, example: "comes to light there", use: "is detected" },
  { phrase: /\b(?:twice|again) is once\b/i, example: "Twice is once", use: "is idempotent" },
  { phrase: /\bas well as nothing\b/i, example: "costs as well as nothing", use: "almost nothing" },
];

/** Texts that keep a word on purpose; each is used, or the check says so. @type {readonly Exception[]} */
export const EXCEPTIONS = [
  { file: /^apps\/server\/src\/http\/routes\/me-routes\.ts$/, word: "may", reason: "field names of the HTTP API" },
  { file: /^apps\/server\/src\/people\/read-profile\.ts$/, word: "may", reason: "field names of the HTTP API" },
  { file: /^apps\/web\/src\/connection\/profile-api\.ts$/, word: "may", reason: "field names of the HTTP API" },
  { file: /^apps\/web\/test\/markup\/message-text\.test\.ts$/, word: "may", reason: "field names of the HTTP API" },
  { file: /^apps\/web\/src\/features\/emoji\/emoji-table\.ts$/, word: "house", reason: "the name of an emoji" },
  { file: /^apps\/web\/src\/features\/emoji\/emoji-table\.ts$/, word: "hear", reason: "the name of an emoji" },
  { file: /^apps\/web\/src\/i18n\/(?:en|ar)-administration\.ts$/, word: "nobody", reason: "a value of a setting" },
  { file: /^docs\/reference\/http\.md$/, word: "nobody", reason: "a value of a setting" },
  { file: /^docs\/reference\/http\.md$/, word: "may", reason: "field names of the HTTP API" },
  { file: /\/migrations\/000[56]-[a-z-]*\.ts$/, word: "intent", reason: "a table of earlier versions" },
  {
    file: /^apps\/server\/test\/store\/sqlite\/upgrade\.test\.ts$/,
    word: "intent",
    reason: "a table of earlier versions",
  },
];

/** Files without names and prose of ours: recordings, payloads, other languages, generated output. */
export const NOT_CHECKED = [
  /\/golden\/.*\.json$/,
  /^e2e\/src\/injection\//,
  /^docs\/screenshots\/.*\.(?:png|json)$/,
  /^bench\/results\//,
  /(?:^|\/)package-lock\.json$/,
  /^LICENSE$/,
  // Generated from sources, which are checked.
  /^packages\/[^/]+\/api\//,
  // Inputs that fuzzing found.
  /^bench\/corpus\//,
  // The rules themselves, the test that plants them, and the table of words with what they replace.
  /^scripts\/lib\/language\/language-rules\.mjs$/,
  /^scripts\/test\/language\.test\.ts$/,
  /^docs\/glossary\.md$/,
];
