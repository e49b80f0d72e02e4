/** A part of a content that is retained, or bytes that take the place of others. */
export type Piece = { readonly start: number; readonly end: number } | { readonly bytes: Buffer };

/** A content without what it says about its author's device and place, and the size of its image. */
export interface ContentPlan {
  readonly pieces: readonly Piece[];
  readonly width?: number;
  readonly height?: number;
}

/** More parts than any program writes: each costs memory and a write. */
const MAX_PIECES = 20_000;

/** Collects pieces in order; adjacent parts become one. */
export class PieceList {
  readonly #pieces: Piece[] = [];

  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  /** @throws DamagedContent where there are too many. */
  keep(start: number, end: number): void {
    if (end <= start) return;
    const last = this.#pieces.at(-1);
    if (last !== undefined && "end" in last && last.end === start) {
      this.#pieces[this.#pieces.length - 1] = { start: last.start, end };
    } else this.#add({ start, end });
  }

  insert(bytes: Buffer): void {
    this.#add({ bytes });
  }

  #add(piece: Piece): void {
    if (this.#pieces.length >= MAX_PIECES) throw new DamagedContent("too many parts");
    this.#pieces.push(piece);
  }
}

/** Whether a plan keeps everything as it is. */
export function keepsAll({ pieces }: ContentPlan, size: number): boolean {
  const [piece, ...others] = pieces;
  return piece !== undefined && others.length === 0 && "end" in piece && piece.start === 0 && piece.end === size;
}

/** The content is not of the type that it begins as, so that nobody knows what is in it. */
export class DamagedContent extends Error {
  override readonly name = "DamagedContent";
}
