// Loaded before a benchmark that `npm run bench` runs. What a benchmark starts is stopped when its process exits, which a signal
// would end without that.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  const exit = (): void => {
    // Others clean up by themselves.
    if (process.listenerCount(signal) === 1) process.exit(130);
  };
  process.on(signal, exit);
}
