import { randomBytes } from 'node:crypto';
import { commitment } from '@sallyport/core/journal/commitment.ts';
import { checkFields } from '@sallyport/core/journal/entry.ts';
import { type Part, partedFields, partHash, partsCommitment, partsOf } from '@sallyport/core/journal/parts.ts';
import { type Mark, redactJson } from '@sallyport/core/journal/redact.ts';
import type { Bodies } from '@sallyport/core/model/entry.ts';
import { saltChars, saltsOf, sha256Text } from './hash.ts';

/** A field of a body that is longer is not kept: a marker with a commitment stands for it. */
export const bodyFieldCharsMax = 1024 * 1024;

/**
 * One field as it was stored, and the salt that opens its commitment. Where that is made of several parts, the salts of
 * all of them, one after the other; in bodies of earlier versions, and for a single part, the seed that makes them.
 */
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
    const salt = newSalts(1);
    const committed = commitment('redacted', salt, secret, sha256Text);
    marks[committed] = salt;
    return `[redacted ${rule} ${committed}]`;
  };
  for (const name of Object.keys(bodies)) {
    const text = keptText(bodies[name] ?? '', mark, secretMembers);
    const parts = partsOfField(name, text);
    const field = { text, salt: newSalts(parts?.length ?? 1) };
    fields[name] = field;
    commitments[name] = committedTo(name, field, parts);
  }
  return { commitments, body: { fields, marks } };
}

function keptText(given: string, mark: Mark, secretMembers: ReadonlySet<string>): string {
  const text = given.isWellFormed() ? given : given.toWellFormed();
  if (text.length <= bodyFieldCharsMax) return redactJson(text, mark, secretMembers);
  return JSON.stringify(mark(`text of ${text.length} characters`, text));
}

/** The commitment to a field, over its parts where it can be opened part by part. */
export function fieldCommitment(name: string, field: BodyField): string {
  return committedTo(name, field, partsOfField(name, field.text));
}

/** Undefined for a field that is opened as a whole. */
function partsOfField(name: string, text: string): readonly Part[] | undefined {
  const depth = partedFields.get(name);
  return depth === undefined ? undefined : partsOf(text, depth);
}

function committedTo(name: string, { text, salt }: BodyField, parts: readonly Part[] | undefined): string {
  if (parts === undefined) return commitment(name, salt, text, sha256Text);
  const salts = saltsOfParts(salt, parts.length);
  const hashes = parts.map((part, at) => partHash(name, saltAt(salts, at), part, sha256Text));
  return partsCommitment(name, hashes, sha256Text);
}

/** One after the other. */
function saltsOfParts(salt: string, count: number): string {
  return count > 1 && salt.length === count * saltChars ? salt : saltsOf(salt, count).join('');
}

function saltAt(salts: string, at: number): string {
  return salts.slice(at * saltChars, (at + 1) * saltChars);
}

/** A part, what opens it, and what stands for it where it is not shown. */
export interface OpenedPart extends Part {
  readonly salt: string;
  readonly hash: string;
}

/** The parts of a field; undefined for one that is opened as a whole. */
export function openedParts(name: string, { text, salt: all }: BodyField): readonly OpenedPart[] | undefined {
  const parts = partsOfField(name, text);
  const salts = saltsOfParts(all, parts?.length ?? 0);
  return parts?.map((part, at) => {
    const salt = saltAt(salts, at);
    return { ...part, salt, hash: partHash(name, salt, part, sha256Text) };
  });
}

/** Whether this is the field that the entry commits to. Entries of earlier versions commit to every field as a whole. */
export function isCommittedTo(name: string, field: BodyField, committed: string): boolean {
  return (
    fieldCommitment(name, field) === committed || commitment(name, field.salt, field.text, sha256Text) === committed
  );
}

/** Whether the entry commits to this field part by part, so that some of it can be shown without the rest. */
export function isInParts(name: string, field: BodyField, committed: string | undefined): boolean {
  return partedFields.has(name) && fieldCommitment(name, field) === committed;
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
