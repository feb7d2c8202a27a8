import { screens } from '../../console/pages.ts';
import type { AuthorizationServer } from '../../tokens/server.ts';
import { sendJson } from '../../transports/http/respond.ts';
import { createRouter, type Exchange, type Handler, type Router, readOnly } from '../../transports/http/router.ts';
import type { McpDoor } from '../../transports/mcp/http/door.ts';

export interface Routes {
  readonly mcp: McpDoor;
  readonly hooks: Handler;
  /** Other agents; undefined where none is configured. */
  readonly a2a: Handler | undefined;
  readonly api: (exchange: Exchange) => Promise<void>;
  readonly pages: (exchange: Exchange) => void;
  readonly oauth: AuthorizationServer;
  /** Agents hold tasks that hang on a connection. */
  readonly hold: Handler;
  /** Security events, pushed (RFC 8935). */
  readonly events: Handler;
  /** Undefined while everything is well; otherwise what is not, in words without secrets. */
  readonly unready: () => string | undefined;
  /** How many servers have neither answered nor failed since the start. Which ones is for those who prove themselves. */
  readonly starting: () => number;
  readonly metrics: () => Promise<string>;
}

/** Everything the one listener answers to. Health says no more than that; the rest needs a proof. */
export function createRoutes({
  mcp,
  a2a,
  hooks,
  api,
  events,
  hold,
  oauth,
  pages,
  unready,
  starting,
  metrics,
}: Routes): Router {
  const router = createRouter();
  router.exact('/mcp', exchange => mcp.handle(exchange));
  router.under('/mcp/', exchange => mcp.handle(exchange));
  router.under('/hooks/', hooks);
  if (a2a !== undefined) router.under('/a2a/', a2a);
  router.under('/api/v1/', api);
  for (const path of ['/', ...screens.map(name => `/${name}`)]) router.exact(path, pages);
  for (const name of [...screens, 'assets']) router.under(`/${name}/`, pages);
  router.exact('/ssf/events', events);
  router.exact('/tasks/hold', hold);
  router.under('/oauth/', oauth.oauth);
  router.under('/.well-known/', oauth.wellKnown);
  router.exact(
    '/healthz',
    readOnly(({ res }) => sendJson(res, 200, '{"status":"alive"}')),
  );
  const ready: Handler = ({ res }) => {
    const why = unready();
    const text = JSON.stringify(
      why === undefined ? { status: 'ready', starting: starting() } : { status: 'unready', why },
    );
    sendJson(res, why === undefined ? 200 : 503, text);
  };
  router.exact('/readyz', readOnly(ready));
  const measured: Handler = async ({ res }) => {
    const body = await metrics();
    res.writeHead(200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'content-length': Buffer.byteLength(body),
    });
    res.end(body);
  };
  router.exact('/metrics', readOnly(measured));
  return router;
}
