/** What a request wants of a content. */
export type RequestedRange =
  | { readonly kind: "all" }
  /** The first and the last byte. */
  | { readonly kind: "part"; readonly start: number; readonly end: number }
  /** There is no such part. */
  | { readonly kind: "unsatisfiable" };

const ALL: RequestedRange = { kind: "all" };
const RANGE = /^bytes=(?<first>\d{0,15})-(?<last>\d{0,15})$/;

/** Reads a `Range` header. Several ranges, other units and what cannot be read count as none, as RFC 9110 has it. */
export function readRange(header: string | undefined, bytes: number): RequestedRange {
  const { first = "", last = "" } = RANGE.exec(header?.trim() ?? "")?.groups ?? {};
  if (first === "" && last === "") return ALL;
  if (first === "") {
    const length = Math.min(Number(last), bytes);
    return length === 0 ? { kind: "unsatisfiable" } : { kind: "part", start: bytes - length, end: bytes - 1 };
  }
  const start = Number(first);
  const end = last === "" ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (last !== "" && Number(last) < start) return ALL;
  return start >= bytes ? { kind: "unsatisfiable" } : { kind: "part", start, end };
}
