import type { en } from "./en.ts";
import type { enDeferred } from "./en-deferred.ts";

/** Text by plural category of `{count}`; every language has the category `other`. */
export type Plural = { readonly other: string } & { readonly [category in Intl.LDMLPluralRule]?: string };
export type Entry = string | Plural;

type English = typeof en & typeof enDeferred;

export type Key = keyof English;

/** Requires every key of the English catalogue, plural where English is plural. */
type Translated<E> = { readonly [K in keyof E]: E[K] extends string ? string : Plural };

/** The keys that the first load needs. */
export type CoreCatalogue = Translated<typeof en>;
/** The keys that are loaded with the first page or dialog that needs them. */
export type DeferredCatalogue = Translated<typeof enDeferred>;
export type Catalogue = CoreCatalogue & Partial<DeferredCatalogue>;

type Names<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type NamesOf<K extends Key> = English[K] extends infer E
  ? E extends string
    ? Names<E>
    : E extends { readonly other: infer O extends string }
      ? Names<O> | "count"
      : never
  : never;

/** The arguments of `t` after the key: the placeholders of its text, or nothing. */
export type Params<K extends Key> = [NamesOf<K>] extends [never]
  ? []
  : [params: { readonly [N in NamesOf<K>]: N extends "count" ? number : string | number }];

/** Returns the names of the placeholders in a text. */
export function findPlaceholders(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
}

export function interpolate(
  text: string,
  params: Readonly<Record<string, string | number>>,
  format: (n: number) => string,
): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? format(value) : value;
  });
}
