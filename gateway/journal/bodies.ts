import { randomBytes } from 'node:crypto';
import { commitment } from '@sallyport/core/journal/commitment.ts';
import { checkFields } from '@sallyport/core/journal/entry.ts';
import { cutText, partedFields, partsCommitment, saltChars } from '@sallyport/core/journal/parts.ts';
import { type Mark, redactJson } from '@sallyport/core/journal/redact.ts';
import type { Bodies } from '@sallyport/core/model/entry.ts';
import { sha256Text } from './hash.ts';
import { packedField, packedMark } from './packed-body.ts';

/** A field of a body that is longer is not kept: a marker with a commitment stands for it. */
const bodyFieldCharsMax = 1024 * 1024;

export interface PreparedBody {
  readonly commitments: Readonly<Record<string, string>>;
  /** What is kept of it (packed-body.ts). */
  readonly packed: string;
}

/** Redacts, salts and commits. `secretMembers` are names that the tool's schema marks as secret. */
export function prepareBody(bodies: Bodies, secretMembers: ReadonlySet<string>): PreparedBody {
  checkFields(bodies);
  const commitments: Record<string, string> = {};
  let packed = '';
  let marks = '';
  const mark: Mark = (rule, secret) => {
    const salt = newSalts(1);
    const committed = commitment('redacted', salt, secret, sha256Text);
    marks += packedMark(committed, salt);
    return `[redacted ${rule} ${committed}]`;
  };
  for (const name in bodies) {
    const text = keptText(bodies[name] ?? '', mark, secretMembers);
    const depth = partedFields.get(name);
    const cut = depth === undefined ? undefined : cutText(text, depth);
    const salt = newSalts(cut?.parts.length ?? 1);
    commitments[name] =
      cut === undefined ? commitment(name, salt, text, sha256Text) : partsCommitment(name, cut, salt, sha256Text);
    packed += packedField(name, salt, text);
  }
  return { commitments, packed: packed + marks };
}

function keptText(given: string, mark: Mark, secretMembers: ReadonlySet<string>): string {
  const text = given.isWellFormed() ? given : given.toWellFormed();
  if (text.length <= bodyFieldCharsMax) return redactJson(text, mark, secretMembers);
  return JSON.stringify(mark(`text of ${text.length} characters`, text));
}

let random = '';
let randomAt = 0;

/** So many times 132 random bits in base64url, drawn in blocks: one system call for some hundred salts. */
function newSalts(count: number): string {
  const chars = count * saltChars;
  if (randomAt + chars > random.length) [random, randomAt] = [randomBytes(6_144).toString('base64url'), 0];
  randomAt += chars;
  return random.slice(randomAt - chars, randomAt);
}
