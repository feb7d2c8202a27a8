import { randomBytes } from 'node:crypto';
import { commitment } from '@sallyport/core/journal/commitment.ts';
import { checkFields } from '@sallyport/core/journal/entry.ts';
import { type Part, partedFields, partHash, partsCommitment, partsOf } from '@sallyport/core/journal/parts.ts';
import { type Mark, redactJson } from '@sallyport/core/journal/redact.ts';
import type { Bodies } from '@sallyport/core/model/entry.ts';
import { saltChars, saltsOf, sha256Text } from './hash.ts';

/** A field of a body that is longer is not kept: a marker with a commitment stands for it. */
export const bodyFieldCharsMax = 1024 * 1024;

/** One field as it was stored, and the salt that opens its commitment; where that is made of parts, the seed of their salts. */
export interface BodyField {
  readonly text: string;
  readonly salt: string;
}

/** What is kept of the body of one entry. `marks` opens the commitments in its redaction markers: commitment to salt. */
export interface StoredBody {
  readonly fields: Readonly<Record<string, BodyField>>;
  readonly marks: Readonly<Record<string, string>>;
}

export interface PreparedBody {
  readonly commitments: Readonly<Record<string, string>>;
  readonly body: StoredBody;
}

/** Redacts, salts and commits. `secretMembers` are names that the tool's schema marks as secret. */
export function prepareBody(bodies: Bodies, secretMembers: ReadonlySet<string>): PreparedBody {
  checkFields(bodies);
  const fields: Record<string, BodyField> = {};
  const commitments: Record<string, string> = {};
  const marks: Record<string, string> = {};
  const mark: Mark = (rule, secret) => {
    const salt = newSalt();
    const committed = commitment('redacted', salt, secret, sha256Text);
    marks[committed] = salt;
    return `[redacted ${rule} ${committed}]`;
  };
  for (const name of Object.keys(bodies)) {
    const text = keptText(bodies[name] ?? '', mark, secretMembers);
    const salt = newSalt();
    fields[name] = { text, salt };
    commitments[name] = fieldCommitment(name, { text, salt });
  }
  return { commitments, body: { fields, marks } };
}

function keptText(given: string, mark: Mark, secretMembers: ReadonlySet<string>): string {
  const text = given.isWellFormed() ? given : given.toWellFormed();
  if (text.length <= bodyFieldCharsMax) return redactJson(text, mark, secretMembers);
  return JSON.stringify(mark(`text of ${text.length} characters`, text));
}

let salts = '';
let saltAt = 0;

/** The commitment to a field, over its parts where it can be opened part by part. */
export function fieldCommitment(name: string, field: BodyField): string {
  const opened = openedParts(name, field);
  if (opened === undefined) return commitment(name, field.salt, field.text, sha256Text);
  return partsCommitment(
    name,
    opened.map(({ hash }) => hash),
    sha256Text,
  );
}

/** A part, what opens it, and what stands for it where it is not shown. */
export interface OpenedPart extends Part {
  readonly salt: string;
  readonly hash: string;
}

/** The parts of a field; undefined for one that is opened as a whole. */
export function openedParts(name: string, { text, salt: seed }: BodyField): readonly OpenedPart[] | undefined {
  const depth = partedFields.get(name);
  if (depth === undefined) return undefined;
  const parts = partsOf(text, depth);
  const salts = saltsOf(seed, parts.length);
  return parts.map((part, at) => {
    const salt = salts[at] ?? '';
    return { ...part, salt, hash: partHash(name, salt, part, sha256Text) };
  });
}

/** Whether this is the field that the entry commits to. Entries of earlier versions commit to every field as a whole. */
export function isCommittedTo(name: string, field: BodyField, committed: string): boolean {
  return (
    fieldCommitment(name, field) === committed || commitment(name, field.salt, field.text, sha256Text) === committed
  );
}

/** 132 random bits in base64url, drawn in blocks: one system call for some hundred salts. */
function newSalt(): string {
  if (saltAt + saltChars > salts.length) [salts, saltAt] = [randomBytes(6_144).toString('base64url'), 0];
  saltAt += saltChars;
  return salts.slice(saltAt - saltChars, saltAt);
}

/**
 * The body of entry `seq` as text, to stand with others of its task in one sealed frame: a line `@ seq`, for each field
 * a line `name salt characters` and the text, and for each marker a line `~ commitment salt`.
 */
export function packBody(seq: number, { fields, marks }: StoredBody): string {
  let text = `@ ${seq}\n`;
  for (const name in fields) {
    const field = fields[name];
    if (field !== undefined) text += `${name} ${field.salt} ${field.text.length}\n${field.text}\n`;
  }
  for (const committed in marks) text += `~ ${committed} ${marks[committed]}\n`;
  return text;
}

/** The body of entry `seq` out of such a text; undefined if it holds none, or is not such a text. */
export function unpackBody(packed: string, seq: number): StoredBody | undefined {
  let found: { fields: Record<string, BodyField>; marks: Record<string, string> } | undefined;
  for (let at = 0; at < packed.length; ) {
    const end = packed.indexOf('\n', at);
    if (end < 0) return undefined;
    const [name = '', second = '', third = ''] = packed.slice(at, end).split(' ');
    at = end + 1;
    if (name === '@') {
      if (found !== undefined) break;
      if (Number(second) === seq) found = { fields: {}, marks: {} };
    } else if (name === '~') {
      if (found !== undefined) found.marks[second] = third;
    } else {
      if (!/^[0-9]{1,9}$/.test(third)) return undefined;
      if (found !== undefined) found.fields[name] = { salt: second, text: packed.slice(at, at + Number(third)) };
      at += Number(third) + 1;
    }
  }
  return found;
}
