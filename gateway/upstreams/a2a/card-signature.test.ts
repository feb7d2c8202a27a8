import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { AgentCard, generateAgentCardSignature } from '@a2a-js/sdk';
import { type KeySet, readKeySet } from '@sallyport/core/identity/key-set.ts';
import { type JsonObject, parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';
import { CompactSign, type CryptoKey, exportJWK, generateKeyPair } from 'jose';
import { verifySignature } from '../../identity/verify.ts';
import { isSigned } from './card-signature.ts';

function object(value: unknown): JsonObject {
  const parsed = parseJson(JSON.stringify(value), resultJsonLimits);
  assert.ok(parsed.ok && parsed.node.kind === 'object');
  return parsed.node;
}

describe('signed agent cards', () => {
  let [keys, privateKey] = [undefined as unknown as KeySet, undefined as unknown as CryptoKey];
  const card = {
    ...{ name: 'Example Agent', description: 'It helps.', version: '1.0.0' },
    supportedInterfaces: [{ url: 'https://a.example/', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
    capabilities: { streaming: true, pushNotifications: false },
    ...{ defaultInputModes: ['text/plain'], defaultOutputModes: ['text/plain'] },
    skills: [{ id: 's', name: 'S', description: 'Ü “quoted” \u2028', tags: ['a', 'b'] }],
  };

  before(async () => {
    const pair = await generateKeyPair('ES256', { extractable: true });
    privateKey = pair.privateKey;
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1' };
    const read = readKeySet(JSON.stringify({ keys: [jwk] }), 'sig');
    assert.ok(read.ok);
    keys = read.value;
  });

  const signed = async (header: object = { alg: 'ES256', kid: 'k1', typ: 'JOSE' }, of: object = card) => {
    const sign = generateAgentCardSignature(privateKey, header as never);
    return object(AgentCard.toJSON(await sign(AgentCard.fromJSON(of))));
  };
  const counts = (one: JsonObject): Promise<boolean> => isSigned(one, keys, verifySignature);

  test('a card that the official SDK signed counts', async () => assert.ok(await counts(await signed())));

  test('the text that is signed is the one of the specification, required members that are empty included', async () => {
    // A2A 1.0 §8.4.1: the vector of the specification.
    const payload =
      '{"capabilities":{"pushNotifications":false,"streaming":false},"description":"","name":"Example Agent","skills":[]}';
    const jws = await new CompactSign(new TextEncoder().encode(payload))
      .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'JOSE' })
      .sign(privateKey);
    const [head = '', , signature = ''] = jws.split('.');
    const vector = {
      ...{ name: 'Example Agent', description: '', skills: [], iconUrl: '' },
      capabilities: { streaming: false, pushNotifications: false, extensions: [] },
      signatures: [{ protected: head, signature }],
    };
    assert.ok(await counts(object(vector)));
  });

  test('any change of what it says, another key, another header and no signature at all do not count', async () => {
    const good = await signed();
    const text = JSON.stringify(
      AgentCard.toJSON(
        await generateAgentCardSignature(privateKey, { alg: 'ES256', kid: 'k1', typ: 'JOSE' })(
          AgentCard.fromJSON(card),
        ),
      ),
    );
    assert.ok(await counts(good));
    for (const [from, to] of [
      ['It helps.', 'It steals.'],
      ['https://a.example/', 'https://b.example/'],
      ['"streaming":true', '"streaming":false'],
      ['"name":"S"', '"name":"S","examples":["x"]'],
    ] as const) {
      assert.ok(text.includes(from), from);
      assert.equal(await counts(object(JSON.parse(text.replace(from, to)))), false, from);
    }
    assert.equal(
      await counts(await signed({ alg: 'ES256', kid: 'other', typ: 'JOSE' })),
      false,
      'a key nobody configured',
    );
    assert.equal(await counts(await signed({ alg: 'ES256', typ: 'JOSE' })), false, 'it names no key');
    assert.equal(await counts(object(card)), false);
    assert.equal(
      await counts(object({ ...card, signatures: [{ protected: 'e30', signature: 'AA' }, 'x', {}] })),
      false,
    );
  });

  test('a key that the card itself points at is never fetched', async () => {
    const pointing = await signed({ alg: 'ES256', kid: 'stranger', typ: 'JOSE', jku: 'http://127.0.0.1:9/keys' });
    assert.equal(await counts(pointing), false);
  });
});
