import {
  authMiddleware,
  chain,
  createServer,
  mount,
  originValidator,
  refuse,
  route,
  urlRouter,
  WebSocketConsumer,
} from "@multichat/channels";

// Programs that must compile, and lines that must not. `tsc -p tsconfig.test.json` checks this file; nothing runs it.

interface User {
  readonly id: string;
}
class NeedsBoth extends WebSocketConsumer<Record<never, never>, { user: User; state: { tenant: string } }> {}
class NeedsPath extends WebSocketConsumer<Record<never, never>, { params: { path: string } }> {}

const base = chain()
  .use(originValidator())
  .use(authMiddleware<User>(() => undefined));
const full = base
  .provide(({ user }) => (user.id === "" ? refuse(403, "no") : { tenant: user.id }))
  .provide(({ state }) => ({ shout: state.tenant.toUpperCase() }));

const routes = urlRouter([route("/a", NeedsBoth)]);
createServer(full(routes));
createServer(urlRouter([mount("/admin", full(routes))]));
// @ts-expect-error the tenant is missing
createServer(base(routes));
// @ts-expect-error a consumer requires a user, and no middleware provides it
createServer(urlRouter([mount("/admin", routes)]));
// @ts-expect-error nothing before it adds a user
chain().provide(({ user }) => ({ name: user.id }));
// @ts-expect-error nothing before it adds a tenant
base.provide(({ state }) => ({ name: state.tenant }));
// @ts-expect-error the tenant is there already
full.provide(() => ({ tenant: "another" }));

route("/files/*path", NeedsPath);
// @ts-expect-error the pattern has no such parameter
route("/files/*file", NeedsPath);
