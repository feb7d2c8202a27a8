import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { parseConfig } from '@sallyport/gateway/app/config/config.ts';
import { type Gateway, startGateway } from '@sallyport/gateway/app/gateway.ts';
import { type Ask, operatorOf } from '../gateway/operator.ts';
import { modernRequest } from '../modern-request.ts';
import { stdioUpstream } from '../upstream/fixture.ts';

/** A whole gateway in this process, in front of one real server with the tool `read_note`, and of those configured. */
export interface House {
  readonly gateway: Gateway;
  readonly url: string;
  readonly issuer: string;
  /** The control API, as the operator. */
  readonly ask: Ask;
  /** A bearer token that the operator issues for the agent. */
  readonly secretOf: (agent: string) => Promise<string>;
  /** Everything that the server was sent. */
  readonly received: () => string;
  /** `tools/call` of `read_note` with these headers; the status, the challenge and the text of the answer. */
  readonly call: (headers: Readonly<Record<string, string>>, path?: string) => Promise<Called>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export interface Called {
  readonly status: number;
  readonly challenge: string;
  readonly nonce: string | undefined;
  readonly text: string;
  readonly refused: boolean;
}

const policy = '@id("everything") @reason("all is well")\npermit (principal, action, resource);\n';
const tool = { name: 'read_note', inputSchema: { type: 'object', properties: {} } };

/** `yaml` is what stands in the configuration besides address and policies. */
export async function openHouse(folder: string, yaml: string, policies = policy, port = 0): Promise<House> {
  writeFileSync(join(folder, 'notes.cedar'), policies);
  const text = `listen: 127.0.0.1:${port}\npolicies: .\n${yaml}`;
  const config = parseConfig(join(folder, 'sallyport.yaml'), text);
  const notes = stdioUpstream('notes', { tools: [tool], record: join(folder, 'received') });
  const gateway = await startGateway({
    config: { ...config, servers: [...config.servers, notes] },
    stateDir: join(folder, 'state'),
    version: '0.0.0',
    log: () => {},
    onFailure: why => assert.fail(why),
    onShutdown: () => {},
  });
  const { url } = gateway;
  const ask = operatorOf(url, join(folder, 'state'));
  return {
    ...{ gateway, url, issuer: `${url}/oauth`, ask },
    received: () => readFileSync(join(folder, 'received'), 'utf8'),
    secretOf: async agent => (await ask<{ token: string }>(`agents/${agent}/token`, {})).token,
    call: (headers, path = '/mcp/notes') =>
      call(url + path, headers, path === '/mcp' ? 'notes__read_note' : 'read_note'),
    [Symbol.asyncDispose]: gateway.close,
  };
}

/** Not by `fetch`, which drops a `host` that is given. */
async function call(url: string, headers: Readonly<Record<string, string>>, name: string): Promise<Called> {
  const { body, ...shape } = modernRequest('tools/call', { name, arguments: {} }, headers);
  const sent = request(url, shape);
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const { statusCode: status = 0, headers: said } = answer;
  const text = await textOf(answer);
  return {
    ...{ status, text },
    challenge: said['www-authenticate'] ?? '',
    nonce: said['dpop-nonce']?.toString(),
    refused: status !== 200 || text.includes('"isError":true') || text.includes('"error":'),
  };
}
