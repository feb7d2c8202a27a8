import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { signatureAlgorithms } from '@sallyport/core/identity/algorithm.ts';
import { readCompact } from '@sallyport/core/identity/jws.ts';
import { keyFor, readKeySet } from '@sallyport/core/identity/key-set.ts';
import { verifySignature } from './verify.ts';

/** C2SP/wycheproof: 401 signatures and 26 sets of keys, each with what has to become of it. */

interface Vectors {
  readonly numberOfTests: number;
  readonly testGroups: readonly {
    readonly public?: object;
    readonly private?: object;
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly jws: string;
      readonly result: string;
    }[];
  }[];
}

const folder = resolve(import.meta.dirname, '../../testkit/vectors/wycheproof');
const vectors = (name: string): Vectors =>
  JSON.parse(gunzipSync(readFileSync(resolve(folder, `${name}.json.gz`))).toString('utf8')) as Vectors;

/** As `core/identity` and `gateway/identity` take a token, whatever its payload says. */
async function judge(jws: string, keys: object): Promise<string> {
  const compact = readCompact(jws);
  if (!compact.ok) return compact.fault.reason;
  const set = readKeySet(JSON.stringify('keys' in keys ? keys : { keys: [keys] }), 'sig');
  const found = set.ok ? keyFor(set.value, compact.value.header, signatureAlgorithms) : set;
  if (!found.ok) return found.fault.reason;
  return (await verifySignature(jws, found.value.key, found.value.alg)) ? 'accepted' : 'signature';
}

async function run(
  name: string,
): Promise<{ readonly accepted: readonly string[]; readonly refused: Map<string, number[]> }> {
  const { numberOfTests, testGroups } = vectors(name);
  const accepted: string[] = [];
  const refused = new Map<string, number[]>();
  let run = 0;
  for (const group of testGroups)
    for (const { tcId, jws, result, comment } of group.tests) {
      const verdict = await judge(jws, group.public ?? group.private ?? {});
      run++;
      if (result === 'invalid' && verdict === 'accepted') accepted.push(`${tcId} ${comment}`);
      if (result === 'valid' && verdict !== 'accepted') refused.set(verdict, [...(refused.get(verdict) ?? []), tcId]);
    }
  assert.equal(run, numberOfTests);
  return { accepted, refused };
}

test('D-2 no signature that is not one is accepted, and what is refused although it is one is refused on purpose', async () => {
  const { accepted, refused } = await run('json_web_signature_test');
  assert.deepEqual(accepted, []);
  assert.deepEqual(Object.fromEntries(refused), {
    // Secrets shared with the signer are no keys here.
    'keys-unavailable': [1, 348, 352, 357, 358, 359, 376, 377],
    // A signature over nothing (259 to 325) says nothing; 372 and 373 hold a character that is not base64url.
    encoding: [259, 264, 268, 272, 320, 325, 372, 373],
    // The key says that it is for another algorithm than the token names, or for one that does not exist.
    'key-unfit': [346, 350],
    'key-unknown': [347, 351],
  });
});

test('D-1 no set of keys that is ambiguous is used', async () => {
  const { accepted, refused } = await run('json_web_key_test');
  assert.deepEqual(accepted, []);
  assert.deepEqual(Object.fromEntries(refused), { 'keys-unavailable': [2, 13, 14, 15] }, 'sets of shared secrets');
});
