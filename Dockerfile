# The chat server and its web client on SQLite in the volume /data, run by an unprivileged user.
#   docker compose up -d

# The base image has the Node version that package.json pins. How to renew the digest: docs/operations/install.md

FROM node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6 AS build
WORKDIR /app
# The manifests first, so that the packages come from the cache while they are unchanged.
COPY package.json package-lock.json .npmrc ./
COPY packages/channels/package.json packages/channels/
COPY packages/channels-client/package.json packages/channels-client/
COPY packages/channels-redis/package.json packages/channels-redis/
COPY packages/client/package.json packages/client/
COPY packages/protocol/package.json packages/protocol/
COPY packages/react/package.json packages/react/
COPY apps/server/package.json apps/server/
COPY apps/web/package.json apps/web/
COPY examples/classic-multichat/package.json examples/classic-multichat/
COPY examples/tutorial/package.json examples/tutorial/
COPY bench/package.json bench/
COPY e2e/package.json e2e/
RUN npm ci --ignore-scripts --no-update-notifier
COPY . .
RUN node scripts/build.mjs && mkdir empty

# The run-time dependencies of the server, without the tools.
FROM node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6 AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/channels/package.json packages/channels/
COPY packages/channels-client/package.json packages/channels-client/
COPY packages/channels-redis/package.json packages/channels-redis/
COPY packages/client/package.json packages/client/
COPY packages/protocol/package.json packages/protocol/
COPY packages/react/package.json packages/react/
COPY apps/server/package.json apps/server/
COPY apps/web/package.json apps/web/
COPY examples/classic-multichat/package.json examples/classic-multichat/
COPY examples/tutorial/package.json examples/tutorial/
COPY bench/package.json bench/
COPY e2e/package.json e2e/
RUN npm ci --omit=dev --ignore-scripts --no-update-notifier --workspace=apps/server

FROM node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 DATA_DIR=/data MALLOC_ARENA_MAX=2
WORKDIR /app
COPY --from=dependencies /app ./
COPY --from=build /app/packages/channels/dist packages/channels/dist
COPY --from=build /app/packages/channels-redis/dist packages/channels-redis/dist
COPY --from=build /app/packages/protocol/dist packages/protocol/dist
COPY --from=build /app/apps/server/dist apps/server/dist
COPY --from=build /app/apps/server/bin apps/server/bin
COPY --from=build /app/apps/web/dist apps/web/dist
# A new volume gets its owner from these folders. Several servers on PostgreSQL share the second one, with FILES_DIR.
COPY --from=build --chown=node:node /app/empty /data
COPY --from=build --chown=node:node /app/empty /files
USER node
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "apps/server/bin/multichat.mjs"]
CMD ["serve"]
