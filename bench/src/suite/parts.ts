/** A benchmark that `npm run bench` runs in its turn, as a process of its own. */
export interface Part {
  readonly name: string;
  /** What it measures, for the list. */
  readonly about: string;
  /** About how long a complete run takes. */
  readonly minutes: number;
  /** Arguments of a complete run; `FOLDER` stands for the folder of the results. */
  readonly args: readonly string[];
  /** Arguments of a run that takes less than a minute. */
  readonly quickArgs: readonly string[];
  /** Arguments with which it leaves CPU profiles in a folder, which stands for `FOLDER`. @default it cannot */
  readonly profileArgs?: readonly string[];
  /** Whether it writes its results itself, so that its tables are not kept as JSON too. */
  readonly writesResults: boolean;
}

export const FOLDER = "FOLDER";

const SHORT_PRODUCT = ["--rates", "100,2000", "--rounds", "1", "--seconds", "2"] as const;

/** In the order in which they run: the chat first, then its framework, then the rest. */
export const PARTS: readonly Part[] = [
  {
    name: "product",
    about: "fan-out through the chat, beside other systems",
    minutes: 20,
    args: ["--output", FOLDER],
    quickArgs: [...SHORT_PRODUCT, "--output", FOLDER],
    profileArgs: [...SHORT_PRODUCT, "--only", "multichat", "--profile", FOLDER],
    writesResults: true,
  },
  {
    name: "scaling",
    about: "cost of the chat over members, rooms, messages and connections",
    minutes: 7,
    args: ["--output", FOLDER],
    quickArgs: ["--only", "members", "--rounds", "1", "--seconds", "1", "--output", FOLDER],
    writesResults: true,
  },
  {
    name: "posts",
    about: "durable messages a second",
    minutes: 1,
    args: ["--json", `${FOLDER}/posts.json`],
    quickArgs: ["--seconds", "2", "--warm-up", "1", "--cores", "1", "--json", `${FOLDER}/posts.json`],
    profileArgs: ["--cores", "1", "--no-audit", "--profile", FOLDER],
    writesResults: true,
  },
  {
    name: "join",
    about: "joining rooms, with notices",
    minutes: 4,
    args: [],
    quickArgs: ["--sizes", "10", "--joins", "50", "--clients", "0", "--users", "20"],
    profileArgs: ["--sizes", "500", "--clients", "0", "--profile", FOLDER],
    writesResults: false,
  },
  {
    name: "commands",
    about: "processor time of each command",
    minutes: 2,
    args: [],
    quickArgs: ["--repeats", "20"],
    writesResults: false,
  },
  {
    name: "start",
    about: "time until npm start serves",
    minutes: 1,
    args: [],
    quickArgs: ["--runs", "1"],
    writesResults: false,
  },
  {
    name: "memory",
    about: "memory at rest, and of an idle connection",
    minutes: 4,
    args: ["--json", `${FOLDER}/memory.json`],
    quickArgs: ["--connections", "200", "--idle", "2", "--json", `${FOLDER}/memory.json`],
    writesResults: true,
  },
  {
    name: "reading",
    about: "history, lists, search and resume with a million messages",
    minutes: 10,
    args: ["--json", `${FOLDER}/reading.json`],
    quickArgs: ["--quick", "--json", `${FOLDER}/reading.json`],
    profileArgs: ["--quick", "--only", "history,lists", "--profile", FOLDER],
    writesResults: true,
  },
  {
    name: "stall",
    about: "how long a message takes while another user floods the server",
    minutes: 2,
    args: [],
    quickArgs: ["--seconds", "1", "--worst", "1"],
    writesResults: false,
  },
  {
    name: "fanout",
    about: "fan-out of the bare framework",
    minutes: 2,
    args: [],
    quickArgs: ["--quick"],
    writesResults: true,
  },
  {
    name: "layers",
    about: "many processes on one Redis",
    minutes: 3,
    args: [],
    quickArgs: ["--quick"],
    writesResults: true,
  },
  {
    name: "jitter",
    about: "recovery after a bad network",
    minutes: 5,
    args: [],
    quickArgs: ["--connections", "100", "--phases", "wave"],
    writesResults: true,
  },
  {
    name: "deploy",
    about: "recovery after a restart of the server",
    minutes: 4,
    args: [],
    quickArgs: ["--connections", "100", "--rooms", "5", "--steady", "2"],
    writesResults: true,
  },
  {
    name: "page",
    about: "the page: time to interactive, cost per message",
    minutes: 4,
    args: [],
    quickArgs: ["--loads", "1", "--seconds", "5"],
    writesResults: true,
  },
];

/** For what a benchmark does once: the large database, or the build of another system. */
const PREPARATION_MINUTES = 15;

/** Returns when a run, short or complete, is ended: it hangs, or measures something else than it is meant to. */
export function timeoutMsOf({ minutes }: Part): number {
  return (3 * minutes + PREPARATION_MINUTES) * 60_000;
}
