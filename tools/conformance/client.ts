import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { authorizedFetch, type Way } from '@sallyport/gateway/obtain/authorized.ts';
import type { ClientSettings } from '@sallyport/gateway/obtain/client.ts';
import { createDpopKey } from '@sallyport/gateway/obtain/dpop-key.ts';
import { fetchIdJag } from '@sallyport/gateway/obtain/id-jag.ts';

/**
 * The client that the official suite runs, once for each scenario: our way to a token (`gateway/obtain`) under the official
 * MCP client. Arguments: the server's address. The scenario and what it gave us stand in the environment.
 */
const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? '';
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}') as Readonly<Record<string, string>>;
const server = process.argv.at(-1) ?? '';
const redirectUri = 'http://localhost:3000/callback';

/** The suite's authorization server agrees by itself: what a person's browser would come back to. */
async function visit(url: string): Promise<string> {
  const response = await fetch(url, { redirect: 'manual' });
  const location = response.headers.get('location');
  if (location === null) throw new Error(`the authorization server answered ${response.status}`);
  return new URL(location, url).href;
}

function wayFor(): Way {
  switch (scenario) {
    case 'auth/client-credentials-jwt':
    case 'auth/client-credentials-basic':
      return { kind: 'client' };
    case 'auth/wif-jwt-bearer':
      return {
        kind: 'workload',
        assertion: async () => context.valid_jwt ?? '',
      };
    case 'auth/enterprise-managed-authorization': {
      const {
        idp_token_endpoint: tokenEndpoint = '',
        idp_client_id: clientId = '',
        idp_id_token: idToken = '',
      } = context;
      const provider = { tokenEndpoint, clientId, idToken };
      return { kind: 'id-jag', assertion: ({ issuer }, resource) => fetchIdJag(provider, issuer, resource) };
    }
    default:
      return { kind: 'code', visit };
  }
}

const { client_id: clientId, client_secret: secret, private_key_pem: privateKeyPem } = context;
const settings: ClientSettings = {
  ...{ redirectUri, name: 'Sallyport', metadataUrl: 'https://conformance-test.local/client-metadata.json' },
  ...(clientId === undefined ? {} : { registered: { clientId, ...(secret === undefined ? {} : { secret }) } }),
  ...(privateKeyPem === undefined ? {} : { privateKeyPem }),
};
const dpop = scenario.startsWith('auth/dpop') ? { dpop: await createDpopKey() } : {};
const transport = new StreamableHTTPClientTransport(new URL(server), {
  fetch: authorizedFetch({ server, way: wayFor(), settings, ...dpop }),
});
const client = new Client({ name: 'sallyport', version: '0.1.0' }, { versionNegotiation: { mode: 'auto' } });
await client.connect(transport);
const { tools } = await client.listTools();
const [first] = tools;
if (first !== undefined) await client.callTool({ name: first.name, arguments: {} });
await client.close();
