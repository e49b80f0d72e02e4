import {
  authMiddleware,
  Consumer,
  channelNameRouter,
  createServer,
  type EventOf,
  type Middleware,
  originValidator,
  protocolTypeRouter,
  rateLimit,
  route,
  stack,
  urlRouter,
  type WebSocketApplication,
  WebSocketConsumer,
} from "@multichat/channels";
import { WebsocketCommunicator } from "@multichat/channels/testing";

interface User {
  readonly id: string;
  readonly staff: boolean;
}

class Anybody extends WebSocketConsumer {}
class SignedIn extends WebSocketConsumer<Record<never, never>, { user: User }> {
  override connect(): void {
    const staff: boolean = this.scope.user.staff;
    this.accept(staff ? "staff" : undefined);
  }
}
class WithTenant extends WebSocketConsumer<Record<never, never>, { state: { tenant: string } }> {}
class WithBoth extends WebSocketConsumer<Record<never, never>, { user: User; state: { tenant: string } }> {}

const auth = authMiddleware<User>(() => undefined);
const maybe = authMiddleware<User>(() => undefined, { anonymous: "allow" });
const tenant: Middleware<unknown, { readonly tenant: string }> = (scope, next) =>
  next({ ...scope, state: { tenant: "one" } });

createServer(urlRouter([route("/a", Anybody)]));

const members = urlRouter([route("/a", Anybody), route("/b", SignedIn)]);
// @ts-expect-error a consumer requires a user, and no middleware provides it
createServer(members);
createServer(stack(originValidator(), auth, rateLimit({ perConnection: { burst: 5, perSecond: 1 } }))(members));
// @ts-expect-error the consumer requires a user, and the middleware may provide none
stack(maybe)(members);
// @ts-expect-error this middleware adds no user
createServer(stack(originValidator())(members));
createServer(protocolTypeRouter({ websocket: stack(auth)(members) }));
declare const findRow: () => Promise<User | null>;
createServer(stack(authMiddleware(findRow))(members));
// @ts-expect-error the consumer requires a user, and the middleware may provide none
stack(authMiddleware(findRow, { anonymous: "allow" }))(members);
// @ts-expect-error a consumer requires a user
protocolTypeRouter({ websocket: members });

const tenants = urlRouter([route("/t", WithTenant), route("/b", WithBoth)]);
// @ts-expect-error the tenant is missing
createServer(stack(auth)(tenants));
createServer(stack(auth, tenant)(tenants));
createServer(stack(auth)(stack(tenant)(tenants)));

// @ts-expect-error middleware that declares a tenant has to provide it
export const forgets: Middleware<unknown, { readonly tenant: string }> = (scope, next) => next(scope);

// An application without a router.
const refuses: WebSocketApplication = () => ({ kind: "refused", status: 403, reason: "closed" });
createServer(refuses);

type Jobs = { "job.run": { id: string } };
class Worker extends Consumer<Jobs> {
  async jobRun(event: EventOf<Jobs, "job.run">): Promise<void> {
    this.logger.info({ id: event.id }, this.channelName);
  }
}
class Idle extends Consumer<Jobs> {}
channelNameRouter({ jobs: Worker });
// @ts-expect-error "job.run" has no method
channelNameRouter({ jobs: Idle });
// @ts-expect-error a WebSocket consumer cannot handle a named channel
channelNameRouter({ jobs: Anybody });

// A test gives a consumer the user and the state that it requires, without the middleware.
new WebsocketCommunicator(members, "/b", { user: { id: "1", staff: true } });
new WebsocketCommunicator(tenants, "/b", { user: { id: "1", staff: true }, state: { tenant: "one" } });
new WebsocketCommunicator(stack(auth)(members), "/b");
new WebsocketCommunicator(stack(auth)(members), "/b", { user: "anybody" });
// @ts-expect-error a consumer requires a user
new WebsocketCommunicator(members, "/b");
// @ts-expect-error a consumer requires another user
new WebsocketCommunicator(members, "/b", { user: { name: "ann" } });
// @ts-expect-error a consumer requires a tenant, too
new WebsocketCommunicator(tenants, "/b", { user: { id: "1", staff: true } });
