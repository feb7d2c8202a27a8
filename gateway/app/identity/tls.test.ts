import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '@sallyport/testkit/free-port.ts';
import { type Certified, certify } from '@sallyport/testkit/identity/certificates.ts';
import { openHouse } from '@sallyport/testkit/identity/house.ts';
import { modernRequest } from '@sallyport/testkit/modern-request.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { listen } from '../../transports/http/listener.ts';
import { createRouter } from '../../transports/http/router.ts';
import { createTlsServer } from '../../transports/http/tls.ts';

test('an X.509-SVID over mutual TLS proves its agent, and nothing else does', async () => {
  using folder = temporaryFolder();
  const [ours, spire, foreign] = ['ours', 'spire', 'spire'].map(name => certify({ name, ca: true }));
  assert.ok(ours && spire && foreign);
  const server = certify({ name: 'gateway', issuer: ours, names: ['DNS:localhost', 'IP:127.0.0.1'] });
  writeFileSync(join(folder.path, 'server.pem'), server.pem);
  writeFileSync(join(folder.path, 'server.key'), server.keyPem);
  const authority = {
    kty: 'EC',
    ...spire.key.export({ format: 'jwk' }),
    d: undefined,
    use: 'x509-svid',
    x5c: [spire.der.toString('base64')],
  };
  writeFileSync(join(folder.path, 'bundle.json'), JSON.stringify({ keys: [authority], spiffe_sequence: 1 }));
  const port = await freePort();
  await using house = await openHouse(
    folder.path,
    `
tls: { listen: "127.0.0.1:${port}", certificate: ./server.pem, key: ./server.key }
trust: { spire: { kind: spiffe, domain: example.org, bundle: { file: ./bundle.json } } }
agents:
  invoice: { principal: "system:billing", proofs: { spire: { spiffeId: "spiffe://example.org/billing/*" } } }
`,
  );
  const svid = (path: string, issuer: Certified) =>
    certify({ name: 'w', issuer, names: [`URI:spiffe://example.org${path}`] });
  const ask = (client: Certified | undefined, path = '/mcp/notes'): Promise<number> =>
    new Promise((resolve, reject) => {
      const proof = client === undefined ? {} : { cert: client.pem, key: client.keyPem };
      const { method, headers, body } = modernRequest('tools/list', {});
      const options = { host: '127.0.0.1', port, path, method, ca: ours.pem, agent: false, headers, ...proof };
      const req = request(options, res => {
        res.resume();
        res.on('end', () => resolve(res.statusCode ?? 0));
      });
      req.on('error', reject);
      req.end(body);
    });
  assert.equal(await ask(svid('/billing/invoice', spire)), 200);
  assert.equal(await ask(undefined), 401);
  assert.equal(await ask(svid('/billing/invoice', foreign)), 401, 'another authority of the same name');
  assert.equal(await ask(svid('/payroll/x', spire)), 401);
  assert.equal(await ask(svid('/billing', spire)), 401);
  assert.equal(await ask(svid('/billing/invoice', spire), '/metrics'), 404);
  assert.equal((await house.call({})).status, 401);
});

test('a peer that does not finish its handshake is let go like one that does not finish its head', {
  timeout: 10_000,
}, async () => {
  using folder = temporaryFolder();
  const own = certify({ name: 'one', ca: true });
  const tls = { certificate: folder.file('one.pem'), key: folder.file('one.key') };
  writeFileSync(tls.certificate, own.pem);
  writeFileSync(tls.key, own.keyPem);
  const limits = { headersMillisMax: 100, requestMillisMax: 200 };
  const { port, close } = await listen({
    ...{ address: '127.0.0.1', port: 0, hosts: [], origins: [], router: createRouter(), tls, limits },
  });
  const peer = connectTcp(port, '127.0.0.1').on('error', () => {});
  await new Promise(resolve => peer.on('close', resolve));
  await close();
});

test('files of TLS that cannot be used stop the start, by the key of the configuration', () => {
  using folder = temporaryFolder();
  const [one, other] = ['one', 'other'].map(name => certify({ name, ca: true }));
  assert.ok(one && other);
  const at = (name: string): string => join(folder.path, name);
  writeFileSync(at('one.pem'), one.pem);
  writeFileSync(at('one.key'), one.keyPem);
  writeFileSync(at('other.key'), other.keyPem);
  const start = (certificate: string, key: string) => () =>
    createTlsServer({ certificate: at(certificate), key: at(key) }, {}, () => {}).close();
  assert.doesNotThrow(start('one.pem', 'one.key'));
  assert.throws(start('none.pem', 'one.key'), /^TlsFilesError: `tls\.certificate`: .*none\.pem is not there/);
  assert.throws(start('one.pem', 'none.key'), /`tls\.key`: .*none\.key is not there/);
  assert.throws(start('one.key', 'one.key'), /`tls\.certificate`: .*one\.key holds no certificate in PEM/);
  assert.throws(
    start('one.pem', 'other.key'),
    /`tls\.key`: .*other\.key holds no private key in PEM, or one of another/,
  );
});
