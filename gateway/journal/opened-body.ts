import { commitment } from '@sallyport/core/journal/commitment.ts';
import {
  type ListedPart,
  listedPartHash,
  listedParts,
  listedPartsCommitment,
} from '@sallyport/core/journal/listed-parts.ts';
import {
  type CutText,
  cutText,
  partedFields,
  partHash,
  partsCommitment,
  saltAt,
  saltChars,
  wholeText,
} from '@sallyport/core/journal/parts.ts';
import { saltsOf, sha256Text } from './hash.ts';
import type { BodyField } from './packed-body.ts';

/** A part, what opens it, and what stands for it where it is not shown. */
export interface OpenedPart extends ListedPart {
  readonly salt: string;
  readonly hash: string;
}

export interface OpenedParts {
  /** All paths, as the commitment holds them; undefined where they are a part of their own, as earlier versions had it. */
  readonly paths: string | undefined;
  readonly parts: readonly OpenedPart[];
}

/** Whether this is the field that the entry commits to. The earliest versions committed to every field as a whole. */
export function isCommittedTo(name: string, field: BodyField, committed: string): boolean {
  const whole = commitment(name, field.salt, field.text, sha256Text);
  return whole === committed || openedParts(name, field, committed) !== undefined;
}

/** The parts that the entry commits to; undefined if it commits to the field as a whole, or to another. */
export function openedParts(name: string, field: BodyField, committed: string | undefined): OpenedParts | undefined {
  const depth = partedFields.get(name);
  if (depth === undefined) return undefined;
  const cut = cutText(field.text, depth);
  try {
    return asParts(name, cut, field.salt, committed) ?? asListedParts(name, cut, field.salt, committed);
  } catch (thrown) {
    // Names that are no JSON: whoever altered the text left them so, and no entry commits to it.
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

function asParts(name: string, cut: CutText, salts: string, committed: string | undefined): OpenedParts | undefined {
  if (salts.length !== cut.parts.length * saltChars) return undefined;
  if (partsCommitment(name, cut, salts, sha256Text) !== committed) return undefined;
  const { text, paths } = cut;
  const places = paths === wholeText ? [wholeText] : (JSON.parse(paths) as unknown[]).map(path => JSON.stringify(path));
  const parts = cut.parts.map(({ start, end }, at) => {
    const [path = '', salt, value] = [places[at], saltAt(salts, at), text.slice(start, end)];
    return { path, salt, value, hash: partHash(salt, value, sha256Text) };
  });
  return { paths, parts };
}

/** As earlier versions did: with the salts of all parts, or a seed that makes them. */
function asListedParts(
  name: string,
  cut: CutText,
  given: string,
  committed: string | undefined,
): OpenedParts | undefined {
  const listed = listedParts(cut);
  const count = listed.length;
  const salts = count > 1 && given.length === count * saltChars ? given : saltsOf(given, count).join('');
  const parts = listed.map((part, at) => {
    const salt = saltAt(salts, at);
    return { ...part, salt, hash: listedPartHash(name, salt, part, sha256Text) };
  });
  const hashes = parts.map(({ hash }) => hash);
  return listedPartsCommitment(name, hashes, sha256Text) === committed ? { paths: undefined, parts } : undefined;
}
