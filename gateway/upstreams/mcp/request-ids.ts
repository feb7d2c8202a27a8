import { randomFillSync } from 'node:crypto';

const halfBits = 15;
const halfMask = (1 << halfBits) - 1;
const countMax = 2 ** (2 * halfBits);
const rounds = 8;

/**
 * Ids for our requests, integers from 1 to 2^30: from all that it has seen a server cannot tell the next, so that what it wrote
 * before a request was sent answers nothing (threats A-5). No id comes twice (MCP 2025-11-25, Basic, "Requests"), as random
 * numbers of that size soon would; there are servers that cut larger ones off, and some that take no text.
 *
 * A counter behind a Feistel network whose round functions are tables of random numbers: half a megabyte, and no memory of
 * what was given out. When all have been, it begins anew with other tables.
 */
export function createRequestIds(): () => number {
  const tables = new Uint16Array(rounds << halfBits);
  let count = countMax;
  return () => {
    if (count === countMax) {
      randomFillSync(tables);
      count = 0;
    }
    let left = count >> halfBits;
    let right = count & halfMask;
    count++;
    for (let table = 0; table < tables.length; table += halfMask + 1) {
      const mixed = left ^ ((tables[table + right] ?? 0) & halfMask);
      left = right;
      right = mixed;
    }
    return ((left << halfBits) | right) + 1;
  };
}
