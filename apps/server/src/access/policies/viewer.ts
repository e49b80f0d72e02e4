/** The part of an actor that the policies read. A superuser is always staff. */
export interface Viewer {
  readonly id: string;
  readonly staff: boolean;
  readonly superuser?: boolean;
  /** The command line on the server's own machine. */
  readonly operator?: true;
}
