/** The part of an actor that rights hang on. A superuser is always staff. */
export interface Viewer {
  readonly id: string;
  readonly staff: boolean;
  readonly superuser?: boolean;
  /** Whoever runs the command line on the server's own machine. */
  readonly operator?: true;
}
