/** Tells the parent process where the server listens, and ends with it. */
export function openDoor(port: number): void {
  process.send?.({ port });
  process.once("disconnect", () => process.exit(0));
}
