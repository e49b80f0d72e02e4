/**
 * What bundles of the server load from node_modules: native code, packages that read files beside their own, and the driver
 * that few servers load.
 */
export const SERVER_EXTERNAL = [/^@node-rs\/argon2/, /^pg$/, /^@fastify\/static/, /^@fastify\/swagger-ui/, /^pino$/];
