import type { Manifest } from '../model/task.ts';

/**
 * What a manifest covers, and whether one is within another. A pattern has at most one `*`, where its list says, so that
 * both questions have exact answers: no pattern is ever compared by trying.
 */

/** What one action touches. `undefined`: nobody could tell, and what is not known is in no list. */
export interface Touched {
  /** `<server>/<tool>` */
  readonly tool: string;
  readonly resources: readonly string[] | undefined;
  readonly destinations: readonly string[] | undefined;
}

export type ManifestPart = keyof Manifest;
export const manifestParts: readonly ManifestPart[] = ['tools', 'resources', 'destinations'];

/** Something that counts was stated at all. */
export function isStated(manifest: Manifest): boolean {
  return manifestParts.some(part => manifest[part] !== undefined);
}

/** True if everything that is touched is named. A part that is not stated says nothing, and one alone names no tool. */
export function contains(manifest: Manifest, touched: Touched): boolean {
  if (!isStated(manifest)) return false;
  return manifestParts.every(part => {
    const stated = manifest[part];
    if (stated === undefined) return true;
    const all = part === 'tools' ? [touched.tool] : touched[part];
    return all?.every(one => stated.some(pattern => covers(part, pattern, one))) ?? false;
  });
}

/** The first part in which `child` would reach beyond `parent`; undefined if it is within it. */
export function narrows(parent: Manifest, child: Manifest): ManifestPart | undefined {
  return manifestParts.find(part => {
    const outer = parent[part];
    const inner = child[part];
    if (outer === undefined) return false;
    return inner === undefined || !inner.every(one => outer.some(pattern => covers(part, pattern, one)));
  });
}

/** What both name: the least that can be said when two manifests bound one task. */
export function meet(a: Manifest, b: Manifest): Manifest {
  const both = (part: ManifestPart): readonly string[] | undefined => {
    const [one, other] = [a[part], b[part]];
    if (one === undefined || other === undefined) return one ?? other;
    const within = (inner: readonly string[], outer: readonly string[]): string[] =>
      inner.filter(word => outer.some(pattern => covers(part, pattern, word)));
    return [...new Set([...within(one, other), ...within(other, one)])];
  };
  return { tools: both('tools'), resources: both('resources'), destinations: both('destinations') };
}

/**
 * Whether `pattern` names all that `word`, a name or itself a pattern, names. What a pattern's `*` stands for is plain: a
 * path that climbs (`..`), an escape that hides one, or a host within something else is not what was named.
 */
export function covers(part: ManifestPart, stated: string, named: string): boolean {
  const [pattern, word] = [plain(part, stated), plain(part, named)];
  if (pattern === word) return true;
  switch (part) {
    case 'tools':
      return pattern.endsWith('/*') && word.startsWith(pattern.slice(0, -1));
    case 'resources':
      return (
        pattern.endsWith('*') && word.startsWith(pattern.slice(0, -1)) && !isDevious(word.slice(pattern.length - 1))
      );
    case 'destinations': {
      const end = pattern.slice(1);
      if (!pattern.startsWith('*') || !word.endsWith(end)) return false;
      const begin = word.slice(0, -end.length);
      return pattern.startsWith('*@')
        ? /^(\*|[A-Za-z0-9._+-]+)$/.test(begin)
        : /^(\*|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\*(\.[A-Za-z0-9-]+)+)$/.test(begin);
    }
  }
}

/** Hosts and addresses have no case; a path is the file of that name. */
function plain(part: ManifestPart, word: string): string {
  if (part === 'destinations') return word.toLowerCase();
  return part === 'resources' && word.startsWith('file:///') ? word.slice('file://'.length) : word;
}

/**
 * `..` as a step, also with blanks or quotes behind it that some readers take off; a backslash; a separator or dot that is escaped,
 * once or more often. The step may begin before the `*`, so a leading dot counts.
 */
function isDevious(rest: string): boolean {
  return /(^|\/)\.{1,2}[\s\p{C}"'`]*($|[/?#])|\\|%(25)*(2e|2f|5c)/iu.test(rest) || rest.startsWith('.');
}

const forms: Record<ManifestPart, { readonly pattern: RegExp; readonly words: string }> = {
  tools: {
    pattern: /^[a-z0-9][a-z0-9-]{0,23}\/(\*|[A-Za-z0-9_./:-]{1,128})$/,
    words: 'must be SERVER/TOOL or SERVER/*',
  },
  resources: {
    pattern: /^(?!\*)[^\s\p{C}*]{1,1024}\*?$/u,
    words: 'must be a name without spaces, such as a path or a URI; a `*` may only end it',
  },
  destinations: {
    pattern: /^(\*[.@])?[^\s\p{C}*]{1,255}$/u,
    words: 'must be a host, address or account without spaces; `*.` or `*@` may only begin it',
  },
};

/** What is wrong with `word` as an item of this list, in words; undefined if nothing is. */
export function patternFault(part: ManifestPart, word: string): string | undefined {
  const { pattern, words } = forms[part];
  return pattern.test(word) ? undefined : words;
}
