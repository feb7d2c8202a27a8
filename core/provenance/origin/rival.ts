import type { Field, ResultIndex } from '../result/result-index.ts';
import { hostIn, shapeOf } from '../spelling/shape.ts';

/**
 * Where something goes may be said twice, and the principal's words do not tell which is meant: two records of a list have one
 * name and different addresses; or a record says whom it is from, and gives an address of another house to answer to.
 */
export function hasRival({ path, record }: Field, folded: string, { records }: ResultIndex): boolean {
  const own = records[record];
  if (own === undefined) return false;
  const namesake = (at: number): boolean => records[at]?.named === own.named && !records[at]?.values.includes(folded);
  const { named, list } = own;
  if (named !== undefined && list >= 0 && records.some((other, at) => other.list === list && namesake(at))) return true;
  if (!/(?:^|[._])reply[ _-]?to(?:\[\d+\])?$/i.test(path) || shapeOf(folded) !== 'email') return false;
  const others = own.values.filter(value => value !== folded && shapeOf(value) === 'email');
  return others.length > 0 && others.every(value => hostIn(value) !== hostIn(folded));
}
