import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { freePort } from '@sallyport/testkit/free-port.ts';
import { certify } from '@sallyport/testkit/identity/certificates.ts';
import { openHouse } from '@sallyport/testkit/identity/house.ts';
import { modernRequest } from '@sallyport/testkit/modern-request.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { seconds, skipped } from './run.ts';
import { ready, spireFolder, startSpire, trustDomain } from './spire-place.ts';

/**
 * `npm run deep:spire`: a real SPIRE server and agent on this machine, and what they issue at a real gateway: JWT-SVIDs for it,
 * for others, altered, of other workloads; X.509-SVIDs over mutual TLS; and a signing key that is taken back. Needs
 * `spire-server` and `spire-agent` in SPIRE_DIR or on PATH; without them it is skipped.
 */
const bin = spireFolder();
if (bin === undefined) skipped('no spire-server and spire-agent in SPIRE_DIR or on PATH');

using folder = temporaryFolder();
await using spire = await startSpire(bin, folder.path);
console.log(`SPIRE ${spire.version}`);
await spire.enter('/ns/billing/sa/invoice');
const home = join(folder.path, 'house');
mkdirSync(home);
const bundle = join(home, 'bundle.json');
writeFileSync(bundle, await spire.bundle());
const authority = certify({ name: 'gateway-ca', ca: true });
const own = certify({ name: 'gateway', issuer: authority, names: ['IP:127.0.0.1'] });
writeFileSync(join(home, 'server.pem'), own.pem);
writeFileSync(join(home, 'server.key'), own.keyPem);
const tlsPort = await freePort();
await using house = await openHouse(
  home,
  `
tls: { listen: "127.0.0.1:${tlsPort}", certificate: ./server.pem, key: ./server.key }
trust: { spire: { kind: spiffe, domain: ${trustDomain}, bundle: { file: ./bundle.json } } }
agents:
  invoice: { principal: "system:billing", proofs: { spire: { spiffeId: "spiffe://${trustDomain}/ns/billing/*" } } }
`,
);

let held = 0;
async function shows(what: string, wanted: number, got: () => Promise<number>): Promise<void> {
  assert.equal(await got(), wanted, what);
  held += 1;
  console.log(`✓ ${what}`);
}

interface Svid {
  readonly svid: string;
  readonly spiffe_id: string;
}

async function jwtSvid(audience: string, path = '/ns/billing/sa/invoice'): Promise<string> {
  const wanted = `spiffe://${trustDomain}${path}`;
  const args = ['api', 'fetch', 'jwt', '-audience', audience, '-spiffeID', wanted, '-output', 'json'];
  const [{ svids }] = JSON.parse(await spire.agent(...args)) as [{ svids: readonly Svid[] }];
  return svids.find(({ spiffe_id }) => spiffe_id === wanted)?.svid ?? '';
}

const call = async (token: string): Promise<number> => (await house.call({ authorization: `Bearer ${token}` })).status;

await ready(async () => assert.notEqual(await jwtSvid(house.issuer), ''));
const token = await jwtSvid(house.issuer);
await shows('a JWT-SVID for the gateway proves its workload', 200, () => call(token));
await shows('one for somebody else does not', 401, async () => call(await jwtSvid('https://other.example')));
const [head = '', claims = '', signature = ''] = token.split('.');
const forged = Buffer.from(claims, 'base64url').toString().replace('billing', 'payroll');
await shows('an altered one does not', 401, () =>
  call(`${head}.${Buffer.from(forged).toString('base64url')}.${signature}`),
);
await spire.enter('/ns/payroll/sa/clerk');
await ready(async () => assert.notEqual(await jwtSvid(house.issuer, '/ns/payroll/sa/clerk'), ''));
await shows('another workload of the same domain does not', 401, async () =>
  call(await jwtSvid(house.issuer, '/ns/payroll/sa/clerk')),
);

const svids = join(folder.path, 'svids');
mkdirSync(svids);
await spire.agent('api', 'fetch', 'x509', '-write', svids);
/** The agent numbers them in the order of its entries: which is which stands in the certificate alone. */
const files = [0, 1].map(n => ({
  cert: readFileSync(join(svids, `svid.${n}.pem`)),
  key: readFileSync(join(svids, `svid.${n}.key`)),
}));
const answers = await Promise.all(files.map(overTls));
await shows(
  'of two X.509-SVIDs over mutual TLS one is the agent',
  1,
  async () => answers.filter(is => is === 200).length,
);
await shows('the other is not', 1, async () => answers.filter(is => is === 401).length);
await shows('no certificate is not', 401, () => overTls({}));

const prepared = JSON.parse(await spire.server('localauthority', 'jwt', 'prepare', '-output', 'json'));
const next = String(prepared.prepared_authority?.authority_id);
await spire.server('localauthority', 'jwt', 'activate', '-authorityID', next);
const shown = JSON.parse(await spire.server('localauthority', 'jwt', 'show', '-output', 'json'));
const old = String(shown.old?.authority_id);
await spire.server('localauthority', 'jwt', 'taint', '-authorityID', old);
await spire.server('localauthority', 'jwt', 'revoke', '-authorityID', old);
writeFileSync(bundle, await spire.bundle());
// The agent keeps what it has fetched; for another workload it asks for a new one. Its key is not known here yet: the
// gateway looks at the bundle again, and finds that the other one is gone.
await spire.enter('/ns/billing/sa/second');
await ready(async () => assert.notEqual(await jwtSvid(house.issuer, '/ns/billing/sa/second'), ''));
await ready(async () => assert.equal(await call(await jwtSvid(house.issuer, '/ns/billing/sa/second')), 200));
await shows('what the next key of SPIRE signed proves its workload', 200, async () =>
  call(await jwtSvid(house.issuer, '/ns/billing/sa/second')),
);
await shows('what a key signed that SPIRE took back counts no more', 401, () => call(token));
console.log(`${held} things held; ${seconds()}`);

function overTls(proof: { readonly cert?: Buffer; readonly key?: Buffer }): Promise<number> {
  const { method, headers, body } = modernRequest('tools/list', {});
  return new Promise((resolve, reject) => {
    const to = {
      host: '127.0.0.1',
      port: tlsPort,
      path: '/mcp/notes',
      method,
      ca: authority.pem,
      agent: false,
    };
    const req = request({ ...to, headers, ...proof }, res => {
      res.resume();
      res.on('end', () => resolve(res.statusCode ?? 0));
    });
    req.on('error', reject);
    req.end(body);
  });
}
