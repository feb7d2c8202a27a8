import { hash } from 'node:crypto';

/**
 * The root that a leaf and its path lead to, hexadecimal: RFC 6962 §2.1.1 read backwards, from the whole tree down to the
 * leaf. Undefined if the path has another length than the tree asks for.
 */
export function rootOver(leaf: Buffer, index: number, size: number, path: readonly Buffer[]): string | undefined {
  if (!(Number.isSafeInteger(size) && index >= 0 && index < size)) return undefined;
  const left = [...path];
  const root = over(leaf, index, size, left);
  return left.length === 0 ? root?.toString('hex') : undefined;
}

function over(leaf: Buffer, index: number, size: number, path: Buffer[]): Buffer | undefined {
  if (size === 1) return leaf;
  let half = 1;
  while (half * 2 < size) half *= 2;
  const sibling = path.pop();
  if (sibling === undefined) return undefined;
  const isLeft = index < half;
  const own = isLeft ? over(leaf, index, half, path) : over(leaf, index - half, size - half, path);
  if (own === undefined) return undefined;
  const pair = isLeft ? [one, own, sibling] : [one, sibling, own];
  return hash('sha256', Buffer.concat(pair), 'buffer');
}

const one = Buffer.from([1]);
