/**
 * Which values of a result an operator means: the part of JSONPath (RFC 9535) in which a path is read from left to right
 * and always names the same places of a document: `$.customer.email`, `$.messages[*].sender`, `$..notes`, `$["e-mail"]`.
 */
export interface FieldPath {
  readonly text: string;
  readonly steps: readonly Step[];
}

type Step =
  | { readonly kind: 'name'; readonly name: string }
  /** `*` or `[*]`: any member, any item. */
  | { readonly kind: 'any' }
  /** `..`: whatever lies in between, nothing included. */
  | { readonly kind: 'deep' };

/** Where a value stands in its document, from the top. An item of a list is its index. */
export type Place = readonly (string | number)[];

const fieldPathCharsMax = 512;

/** Undefined for anything that is no such path: filters, slices, single indexes and several paths in one are not read. */
export function parseFieldPath(text: string): FieldPath | undefined {
  if (text.length > fieldPathCharsMax || !text.startsWith('$')) return undefined;
  const steps: Step[] = [];
  let rest = text.slice(1);
  while (rest !== '') {
    const deep = /^\.\.(?=[^.])/.exec(rest);
    if (deep !== null) {
      steps.push({ kind: 'deep' });
      rest = rest.startsWith('..[') ? rest.slice(2) : rest.slice(1);
    }
    const step = stepAt(rest);
    if (step === undefined) return undefined;
    steps.push(step.step);
    rest = rest.slice(step.chars);
  }
  return { text, steps };
}

function stepAt(rest: string): { readonly step: Step; readonly chars: number } | undefined {
  const any = /^(?:\.\*|\[\*\])/.exec(rest);
  if (any !== null) return { step: { kind: 'any' }, chars: any[0].length };
  const plain = /^\.([\p{L}_][\p{L}\p{N}_]*)/u.exec(rest);
  if (plain !== null) return { step: { kind: 'name', name: plain[1] ?? '' }, chars: plain[0].length };
  const quoted = /^\[(?:"([^"\\]+)"|'([^'\\]+)')\]/.exec(rest);
  if (quoted === null) return undefined;
  return { step: { kind: 'name', name: quoted[1] ?? quoted[2] ?? '' }, chars: quoted[0].length };
}

/** Whether `path` names exactly this place. */
export function isAt({ steps }: FieldPath, place: Place): boolean {
  return matches(steps, 0, place, 0);
}

function matches(steps: readonly Step[], step: number, place: Place, at: number): boolean {
  const next = steps[step];
  if (next === undefined) return at === place.length;
  if (next.kind === 'deep')
    return Array.from({ length: place.length - at + 1 }, (_, skipped) => at + skipped).some(from =>
      matches(steps, step + 1, place, from),
    );
  const here = place[at];
  if (here === undefined || (next.kind === 'name' && next.name !== here)) return false;
  return matches(steps, step + 1, place, at + 1);
}
