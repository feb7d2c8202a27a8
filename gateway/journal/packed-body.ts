/**
 * What is kept of the body of one entry, as text, to stand with others of its task in one sealed frame: a line `@ seq`, for each
 * field a line `name salt characters` and the text, and for each redaction marker a line `~ commitment salt`.
 */

/**
 * One field as it was stored, and the salt that opens its commitment. Where that is made of several parts, the salts of
 * all of them, one after the other; bodies of earlier versions may have the seed that makes them.
 */
export interface BodyField {
  readonly text: string;
  readonly salt: string;
}

/** `marks` opens the commitments in its redaction markers: commitment to salt. */
export interface StoredBody {
  readonly fields: Readonly<Record<string, BodyField>>;
  readonly marks: Readonly<Record<string, string>>;
}

export function packedField(name: string, salt: string, text: string): string {
  return `${name} ${salt} ${text.length}\n${text}\n`;
}

export function packedMark(committed: string, salt: string): string {
  return `~ ${committed} ${salt}\n`;
}

/** `packed`: fields and marks of entry `seq`, one after the other. */
export function packBody(seq: number, packed: string): string {
  return `@ ${seq}\n${packed}`;
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
