import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { verifyInclusion } from '@sallyport/testkit/journal/inclusion.ts';
import fc from 'fast-check';
import { GrowingTree, leafHash, nodeHash, peakRanges, rootOfPeaks } from './merkle.ts';
import { inclusionProof, type ReadNode } from './proof.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** RFC 6962 §2.1 word for word. */
function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)), sha256);
}

/** A tree with every perfect subtree it told of. */
function grow(count: number): { leaves: Uint8Array[]; tree: GrowingTree; read: ReadNode } {
  const nodes = new Map<string, Uint8Array>();
  const leaves: Uint8Array[] = [];
  const tree = new GrowingTree(sha256, (height, index, hash) => nodes.set(`${height}/${index}`, hash));
  for (let index = 0; index < count; index++) {
    leaves.push(leafHash(Buffer.from(`entry ${index}`), sha256));
    tree.append(leaves[index] ?? new Uint8Array(0));
  }
  const read: ReadNode = (height, index) => {
    const found = nodes.get(`${height}/${index}`);
    assert.ok(found, `node ${height}/${index} of a tree of ${count}`);
    return found;
  };
  return { leaves, tree, read };
}

const max = 300;
const { leaves, read } = grow(max);
const roots = Array.from({ length: max + 1 }, (_, size) => naiveRoot(leaves.slice(0, size)));
const headAt = (size: number) => ({ size, root: roots[size] ?? new Uint8Array(0) });

test('RFC 6962 known roots: the empty tree and one empty leaf', () => {
  assert.equal(hex(rootOfPeaks([], sha256)), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  assert.equal(
    hex(leafHash(new Uint8Array(0), sha256)),
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  );
});

test('the published test vectors of RFC 6962 implementations: eight leaves', () => {
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const expected = [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ];
  const tree = new GrowingTree(sha256, () => {});
  for (const [index, input] of inputs.entries()) {
    tree.append(leafHash(Buffer.from(input, 'hex'), sha256));
    assert.equal(hex(tree.root()), expected[index], `${index + 1} leaves`);
  }
});

test('a growing tree has the root of the definition at every size, and so have its perfect subtrees', () => {
  for (let size = 0; size <= max; size++) {
    const { tree } = grow(size);
    assert.equal(hex(tree.root()), hex(roots[size] ?? new Uint8Array(0)), `${size} leaves`);
    const peaks = peakRanges(size).map(({ height, index }) => read(height, index));
    assert.equal(hex(rootOfPeaks(peaks, sha256)), hex(tree.root()));
  }
});

test('every subtree is told once', () => {
  const told: string[] = [];
  const tree = new GrowingTree(sha256, (height, index) => told.push(`${height}/${index}`));
  for (const leaf of leaves.slice(0, 100)) tree.append(leaf);
  assert.equal(new Set(told).size, told.length);
  assert.equal(told.length, 100 + 50 + 25 + 12 + 6 + 3 + 1);
});

const sizes = fc.integer({ min: 1, max }).chain(size => fc.tuple(fc.nat({ max: size - 1 }), fc.constant(size)));

test('R7 an inclusion proof verifies for its leaf, place and tree, and for no other', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), ([index, size], other) => {
      const proof = inclusionProof(index, size, read, sha256);
      const leaf = leaves[index] ?? new Uint8Array(0);
      assert.ok(verifyInclusion(leaf, index, headAt(size), proof, sha256));
      const wrong = (index + 1 + (other % max)) % max;
      if (wrong !== index) {
        assert.ok(!verifyInclusion(leaves[wrong] ?? leaf, index, headAt(size), proof, sha256));
        assert.ok(!verifyInclusion(leaf, wrong, headAt(size), proof, sha256));
      }
      assert.ok(!verifyInclusion(leaf, index, { size, root: sha256(leaf) }, proof, sha256));
      assert.ok(!verifyInclusion(leaf, index, headAt(size), [...proof, leaf], sha256));
      if (proof.length > 0) {
        assert.ok(!verifyInclusion(leaf, index, headAt(size), proof.slice(1), sha256));
        const at = other % proof.length;
        assert.ok(!verifyInclusion(leaf, index, headAt(size), proof.with(at, sha256(leaf)), sha256));
      }
    }),
    { numRuns: 500 },
  );
});

test('what is not in the tree has no proof', () => {
  assert.throws(() => inclusionProof(5, 5, read, sha256), /not in a tree of 5/);
});
