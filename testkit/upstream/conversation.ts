import { act, answer, type Outlet, type Request } from './acts.ts';
import { type Script, toolsFor } from './script.ts';

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: { readonly [name: string]: unknown };
  readonly result?: unknown;
  readonly error?: unknown;
}

/** One client's conversation with the scripted server: plain MCP, except where the script says otherwise. */
export class Scripted {
  readonly #script: Script;
  #calls = 0;
  #listens: (string | number)[] = [];
  #changed = false;
  readonly #callers = new Map<string, { id: string | number; out: Outlet }>();

  constructor(script: Script) {
    this.#script = script;
  }

  /** `shared` is where news go that answer no request; the same as `out` on pipes. */
  hear(message: Message, out: Outlet, shared: Outlet): void {
    const { id, method, params } = message;
    if (method === undefined) this.#answered(message);
    if (method === undefined || id === undefined) return;
    if (method === 'tools/call') this.#call(id, params ?? {}, out, shared);
    else this.#reply(id, method, params ?? {}, out, shared);
  }

  #call(id: string | number, params: Record<string, unknown>, out: Outlet, shared: Outlet): void {
    this.#calls++;
    const { change } = this.#script;
    const due = change !== undefined && !this.#changed && this.#calls > change.afterCalls;
    if (due) this.#changed = true;
    if ((due && change.announce) || (this.#script.restless === true && this.#calls === 1))
      this.#news('notifications/tools/list_changed', {}, shared);
    const request: Request = {
      id,
      name: String(params.name),
      args: (params.arguments ?? {}) as Request['args'],
      meta: (params._meta ?? {}) as Request['meta'],
    };
    this.#callers.set(String(id), { id, out });
    const result = this.#script.results?.[request.name];
    if (result === undefined) act(request, out);
    else out.send({ jsonrpc: '2.0', id, result: withArguments(result, request.args) });
  }

  /** The client's answer to a question that a call waits for is what the call says. */
  #answered({ id, result, error }: Message): void {
    const caller = this.#callers.get(String(id).replace(/^wait-/, ''));
    if (String(id).startsWith('wait-')) caller?.out.send(answer(caller.id, JSON.stringify(result ?? error)));
  }

  #news(method: string, params: object, shared: Outlet): void {
    const meta =
      this.#listens.length > 0 ? { _meta: { 'io.modelcontextprotocol/subscriptionId': this.#listens.at(-1) } } : {};
    shared.send({ jsonrpc: '2.0', method, params: { ...params, ...meta } });
  }

  #reply(id: string | number, method: string, params: Record<string, unknown>, out: Outlet, shared: Outlet): void {
    const { era = 'legacy' } = this.#script;
    if (method === 'server/discover' && era !== 'legacy')
      return void out.send({ jsonrpc: '2.0', id, result: this.#discovered() });
    if (method === 'initialize' && era !== 'modern')
      return void out.send({ jsonrpc: '2.0', id, result: this.#initialized() });
    if (method === 'subscriptions/listen' && era !== 'legacy') return void this.#listen(id, params, out);
    const result = this.#result(method, params, shared);
    if (result === undefined) out.send({ jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } });
    else if (method === 'tools/list') this.#listed({ jsonrpc: '2.0', id, result }, out, shared);
    else out.send({ jsonrpc: '2.0', id, result });
  }

  #listed(reply: object, out: Outlet, shared: Outlet): void {
    const { restless = false, pageMillis = 0 } = this.#script;
    if (restless && this.#calls > 0) this.#news('notifications/tools/list_changed', {}, shared);
    if (pageMillis === 0) out.send(reply);
    else setTimeout(() => out.send(reply), pageMillis);
  }

  #listen(id: string | number, params: Record<string, unknown>, out: Outlet): void {
    const { resourceSubscriptions = [] } = (params.notifications ?? {}) as { resourceSubscriptions?: string[] };
    if (resourceSubscriptions.includes(this.#script.unknownResource ?? ''))
      return void out.send({ jsonrpc: '2.0', id, error: { code: -32002, message: 'Resource not found' } });
    this.#listens.push(id);
    const meta = { 'io.modelcontextprotocol/subscriptionId': id };
    const told = resourceSubscriptions.filter(uri => uri !== this.#script.untoldResource);
    const uris = resourceSubscriptions.length === 0 ? {} : { resourceSubscriptions: told };
    out.send({
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: { _meta: meta, notifications: { ...(params.notifications as object), ...uris } },
    });
    for (const uri of told) this.#news('notifications/resources/updated', { uri }, out);
  }

  #capabilities(): object {
    return {
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { subscribe: true, listChanged: true },
      completions: {},
      logging: {},
    };
  }

  #discovered(): object {
    return {
      resultType: 'complete',
      supportedVersions: [this.#script.protocolVersion ?? '2026-07-28'],
      capabilities: this.#capabilities(),
      instructions: this.#script.instructions,
      ttlMs: 0,
      cacheScope: 'private',
    };
  }

  #initialized(): object {
    const { protocolVersion = '2025-11-25', instructions } = this.#script;
    return {
      protocolVersion,
      capabilities: this.#capabilities(),
      serverInfo: { name: 'scripted', version: '1' },
      instructions,
    };
  }

  #result(method: string, params: Record<string, unknown>, shared: Outlet): object | undefined {
    switch (method) {
      case 'ping':
      case 'logging/setLevel':
      case 'resources/unsubscribe':
        return {};
      case 'resources/subscribe':
        if (this.#script.quiet !== true)
          setImmediate(() => this.#news('notifications/resources/updated', { uri: params.uri }, shared));
        return {};
      case 'tools/list':
        return this.#page(
          'tools',
          this.#changed ? (this.#script.change?.tools ?? []) : (this.#script.tools ?? toolsFor()),
          params,
        );
      case 'prompts/list':
        return this.#page('prompts', this.#script.prompts ?? [], params);
      case 'resources/templates/list':
        return this.#page('resourceTemplates', this.#script.templates ?? [], params);
      case 'resources/list':
        return { resources: [{ uri: 'test://one', name: 'one' }] };
      case 'resources/read':
        return { contents: [{ uri: params.uri, text: 'one' }] };
      case 'prompts/get':
        return { messages: [{ role: 'user', content: { type: 'text', text: String(params.name) } }] };
      case 'completion/complete':
        return { completion: { values: ['a', 'b'] } };
      default:
        return undefined;
    }
  }

  #page(name: string, items: readonly unknown[], params: Record<string, unknown>): object {
    const size = this.#script.pageItems ?? items.length;
    const from = Number(params.cursor ?? 0);
    const next = from + size < items.length ? { nextCursor: String(from + size) } : {};
    return { [name]: items.slice(from, from + size), ...next, ttlMs: 0, cacheScope: 'private' };
  }
}

/** The text of the arguments where a result asks for it. */
function withArguments(result: unknown, args: object): unknown {
  const inText = JSON.stringify(JSON.stringify(args)).slice(1, -1);
  return JSON.parse(JSON.stringify(result).replaceAll('$ARGS', () => inText));
}
