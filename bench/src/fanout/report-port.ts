/** Sends the server's port to the parent process, and exits when the parent does. */
export function reportPort(port: number): void {
  process.send?.({ port });
  process.once("disconnect", () => process.exit(0));
}
