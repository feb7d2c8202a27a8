import type { Sha256 } from '../model/action.ts';
import { type CutText, wholeText } from './parts.ts';

/**
 * How earlier versions committed to the parts of a body (docs/formats/receipt.md, version 1): the list of all paths was a
 * part of its own, the first, and each part was hashed with its field and its path. For what they recorded; nothing new is
 * written so.
 */
export interface ListedPart {
  /** JSON array of member names; `[]` is the list of all paths, `*` the whole of a text that is not cut. */
  readonly path: string;
  readonly value: string;
}

const allPaths = '[]';

export function listedParts({ text, paths, parts }: CutText): readonly ListedPart[] {
  if (text === '{}') return [{ path: allPaths, value: '[]' }];
  if (paths === wholeText) return [{ path: wholeText, value: text }];
  const listed = (JSON.parse(paths) as readonly unknown[]).map((path, at) => {
    const { start, end } = parts[at] ?? { start: 0, end: 0 };
    return { path: JSON.stringify(path), value: text.slice(start, end) };
  });
  return [{ path: allPaths, value: paths }, ...listed];
}

export function listedPartHash(field: string, salt: string, { path, value }: ListedPart, sha256: Sha256): string {
  return sha256(`sallyport part v1\n${field}\n${path}\n${salt}\n${value}`);
}

/** The commitment to a body of parts with these hashes. */
export function listedPartsCommitment(field: string, hashes: readonly string[], sha256: Sha256): string {
  return sha256(`sallyport parts v1\n${field}\n${hashes.join('\n')}`);
}
