import { ChannelsError } from "../errors.ts";

interface Converter {
  readonly matches: RegExp;
  readonly convert: (text: string) => unknown;
}

const anyText: Converter = { matches: /^.+$/su, convert: (text) => text };

// An unsafe integer would not equal the number in the path.
const int: Converter = {
  matches: /^(?:0|[1-9][0-9]{0,15})$/,
  convert: (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : undefined),
};
const slug: Converter = { matches: /^[A-Za-z0-9_-]+$/, convert: (text) => text };
const uuid: Converter = {
  matches: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  convert: (text) => text.toLowerCase(),
};

const converters: ReadonlyMap<string, Converter> = new Map([
  ["int", int],
  ["slug", slug],
  ["uuid", uuid],
]);

interface ConvertedTypes {
  readonly int: number;
  readonly slug: string;
  readonly uuid: string;
}

type Param<Segment extends string> = Segment extends `:${infer Name}<${infer Kind}>`
  ? Kind extends keyof ConvertedTypes
    ? { readonly [Key in Name]: ConvertedTypes[Kind] }
    : never
  : Segment extends `:${infer Name}`
    ? { readonly [Key in Name]: string }
    : Segment extends `*${infer Name}`
      ? { readonly [Key in Name]: string }
      : unknown;

type ParamsIn<Pattern extends string> = Pattern extends `${infer Segment}/${infer Rest}`
  ? Param<Segment> & ParamsIn<Rest>
  : Param<Pattern>;

/** The parameters of a pattern: `"/ws/room/:room/:page<int>"` has `{ room: string; page: number }`. */
export type RouteParams<Pattern extends string> = {
  readonly [Name in keyof ParamsIn<Pattern>]: ParamsIn<Pattern>[Name];
};

type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "param"; readonly name: string; readonly converter: Converter }
  | { readonly kind: "rest"; readonly name: string };

/** Without a prototype, because a parameter can have any name. Shared: each connection keeps its parameters. */
const NO_PARAMS: Record<string, unknown> = Object.freeze(Object.create(null));

/** A compiled pattern. */
export interface PathPattern {
  readonly pattern: string;
  /** Returns the parameters if the segments match. */
  match(segments: readonly string[]): Readonly<Record<string, unknown>> | undefined;
}

/**
 * Compiles a pattern. `:name` matches one decoded, non-empty segment; `:name<int>`, `:name<slug>` and `:name<uuid>`
 * match one of that form. `*name` at the end matches one or more segments, joined by slashes. A trailing slash is significant; a
 * pattern that ends in `/?` matches with and without it.
 * @throws InvalidRoute saying what is wrong with the pattern.
 */
export function compilePathPattern(pattern: string): PathPattern {
  if (!pattern.startsWith("/")) throw invalidRoute(pattern, 'it must start with "/"');
  const optionalSlash = pattern.endsWith("/?");
  const names = new Set<string>();
  const segments = (optionalSlash ? pattern.slice(0, -2) : pattern)
    .slice(1)
    .split("/")
    .map((text) => parseSegment(pattern, text, names));
  const rest = segments.at(-1)?.kind === "rest" ? segments.length - 1 : undefined;
  if (segments.findIndex(({ kind }) => kind === "rest") !== (rest ?? -1)) {
    throw invalidRoute(pattern, "a parameter of several segments must be the last");
  }
  if (rest !== undefined && optionalSlash) throw invalidRoute(pattern, 'it cannot end in both "*name" and "/?"');
  return Object.freeze({
    pattern,
    match(pathSegments: readonly string[]) {
      const extra = rest === undefined ? pathSegments.length - segments.length : 0;
      if (extra !== 0 && !(optionalSlash && extra === 1 && pathSegments.at(-1) === "")) return undefined;
      const params = names.size === 0 ? NO_PARAMS : (Object.create(null) as Record<string, unknown>);
      for (const [index, segment] of segments.entries()) {
        const text = pathSegments[index];
        if (text === undefined) return undefined;
        if (segment.kind === "literal") {
          if (text !== segment.text) return undefined;
          continue;
        }
        if (segment.kind === "rest") {
          const remaining = pathSegments.slice(index);
          if (remaining.includes("")) return undefined;
          params[segment.name] = remaining.join("/");
          continue;
        }
        if (!segment.converter.matches.test(text)) return undefined;
        const value = segment.converter.convert(text);
        if (value === undefined) return undefined;
        params[segment.name] = value;
      }
      return Object.freeze(params);
    },
  });
}

function parseSegment(pattern: string, text: string, names: Set<string>): Segment {
  const restName = /^\*([A-Za-z_][A-Za-z0-9_]*)$/.exec(text)?.[1];
  if (restName !== undefined) {
    if (names.has(restName)) throw invalidRoute(pattern, `it names the parameter "${restName}" twice`);
    names.add(restName);
    return { kind: "rest", name: restName };
  }
  if (!text.startsWith(":")) {
    const forbidden = /[*?#(){}<>\\[\]+|^$%\s]|:/u.exec(text)?.[0];
    if (forbidden !== undefined) {
      throw invalidRoute(
        pattern,
        `"${forbidden}" in "${text}" is neither literal text nor a parameter; write ":name" for one segment, "*name" at the end for several, and "/?" at the end for an optional slash`,
      );
    }
    return { kind: "literal", text };
  }
  const parts = /^:([A-Za-z_][A-Za-z0-9_]*)(?:<([a-z]+)>)?$/.exec(text);
  const name = parts?.[1];
  if (name === undefined) throw invalidRoute(pattern, `"${text}" is not a parameter; write ":name" or ":name<int>"`);
  if (names.has(name)) throw invalidRoute(pattern, `it names the parameter "${name}" twice`);
  names.add(name);
  const kind = parts?.[2];
  if (kind === undefined) return { kind: "param", name, converter: anyText };
  const converter = converters.get(kind);
  if (converter === undefined) {
    throw invalidRoute(
      pattern,
      `"<${kind}>" is not a known form; the known forms are ${[...converters.keys()].join(", ")}`,
    );
  }
  return { kind: "param", name, converter };
}

function invalidRoute(pattern: string, problem: string): ChannelsError {
  return new ChannelsError("InvalidRoute", { pattern, problem });
}
