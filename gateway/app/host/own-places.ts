import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import type { Action } from '@sallyport/core/model/action.ts';
import { absolutePath, namedWords } from './named-paths.ts';

/** Where the gateway's own files lie, and where servers begin to read paths. */
export interface OwnPlaces {
  readonly stateDir: string;
  /** Below the state directory, what is the agents' to work on: the demo's copy, the folders that servers run in. */
  readonly open: readonly string[];
  /** The configuration file and the policies: reading them is nobody's harm, changing them is. */
  readonly written: readonly string[];
  readonly home: string;
  /** Where relative paths of a server's calls begin; undefined where that is not known. */
  readonly cwdOf: (server: string) => string | undefined;
}

/**
 * Whether an action names the gateway's own files (threats E-6: an agent edits its own policy or configuration through an allowed file
 * tool). Held in every mode and before any policy. A word that leads to the state directory is refused whatever the tool does; one that
 * leads to the configuration or the policies, or to a folder above any of these where the tool destroys, only where it does not merely read.
 * What a server makes of a path by itself (its own variables, its own links made later) is not seen.
 */
export function createOwnPlaces(places: OwnPlaces): (action: Action) => boolean {
  const state = bothOf(places.stateDir);
  const open = places.open.flatMap(bothOf);
  const changed = places.written.flatMap(bothOf);
  const telling = tellingOf([...state, ...changed]);
  const throughLinks = remembering(Date.now);
  const isOpen = (path: string): boolean => open.some(place => isWithin(path, place));

  return ({ server, tool, input }) => {
    const onlyReads = tool.classes.length > 0 && tool.classes.every(name => name === 'read');
    const destroys = tool.classes.includes('destructive');
    const cwd = places.cwdOf(server);
    const pathLike = cwd === undefined ? /[/~$]|%2f/i : /[/~$.\\]|%2[ef]/i;
    const named = namedWords(input, pathLike, telling(cwd));
    // More than is looked at is taken for a path that leads here.
    if (named === undefined || (!named.areAll && !onlyReads)) return true;
    const leafOf = eachOnce(leaf);
    const links = cwd === undefined ? [] : named.names.filter(name => isLink(`${cwd}/${name}`));
    return [...links, ...named.words].some(word => {
      const asWritten = absolutePath(word, cwd, places.home);
      if (asWritten === undefined) return false;
      const plain = resolve(asWritten);
      const paths = [
        plain,
        throughLinks(plain, leafOf),
        ...(asWritten.includes('/..') ? [stepByStep(asWritten, leafOf)] : []),
      ];
      return paths.some(path => {
        if (state.some(place => isWithin(path, place)) && !isOpen(path)) return true;
        if (onlyReads) return false;
        if (changed.some(place => isWithin(path, place))) return true;
        return destroys && !isOpen(path) && [...state, ...changed].some(place => isWithin(place, path));
      });
    });
  };
}

/** What a word holds that leads to one of these: its name, or the way up for whoever begins below it. */
function tellingOf(places: readonly string[]): (cwd: string | undefined) => RegExp {
  const names = new Set(places.map(place => basename(place).replace(/[^\w]/g, '\\$&')));
  const oneOf = (words: readonly string[]): RegExp => new RegExp(words.join('|'), 'i');
  const [above, below] = [oneOf([...names]), oneOf([...names, '\\.\\.'])];
  return cwd => (cwd !== undefined && places.some(place => isWithin(cwd, place)) ? below : above);
}

/** As it is written and as it lies on disk. */
function bothOf(place: string): string[] {
  return [...new Set([resolve(place), followed(resolve(place))])];
}

function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(place.endsWith(sep) ? place : place + sep);
}

type Follow = (path: string) => string;

/** For one call, whose paths have folders in common: the looks at them are what it all costs. */
function eachOnce(follow: Follow): Follow {
  const known = new Map<string, string>();
  return path => {
    const found = known.get(path) ?? follow(path);
    known.set(path, found);
    return found;
  };
}

/** As systems go a path: each link before the `..` behind it. */
function stepByStep(path: string, leafOf: Follow): string {
  return path.split('/').reduce((at, part) => (part === '..' ? dirname(at) : leafOf(join(at, part))), sep);
}

const rememberedMillis = 1_000;
const rememberedMax = 500;

/** As `followed`, with what folders were found to be remembered for a moment: many calls name the same few. */
function remembering(now: () => number): (path: string, leafOf: Follow) => string {
  const known = new Map<string, { readonly real: string; readonly until: number }>();
  return (path, leafOf) => {
    const above = dirname(path);
    const found = known.get(above);
    const fresh = found !== undefined && found.until > now() ? found.real : undefined;
    if (fresh === undefined) {
      if (known.size >= rememberedMax) known.clear();
      known.set(above, { real: followed(above), until: now() + rememberedMillis });
    }
    const real = fresh ?? known.get(above)?.real ?? above;
    return leafOf(real === sep ? path : real + path.slice(above === sep ? 0 : above.length));
  };
}

/** The last part may be a link itself. */
function leaf(path: string): string {
  return isLink(path) ? followed(path) : path;
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch {
    return false;
  }
}

/** Through links, as far as the path exists. */
function followed(path: string): string {
  const end = existingEnd(path);
  if (end === 0) return path;
  const there = path.slice(0, end);
  const real = realOf(there) ?? behind(there, linksMax);
  if (real !== undefined) return real + path.slice(end);
  const above = dirname(there);
  return above === there ? path : followed(above) + path.slice(above.length);
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

/** As systems have it: in one path. */
const linksMax = 40;

/** What a link stands for that leads to nothing yet: whoever writes there makes it. */
function behind(link: string, left: number): string | undefined {
  if (left === 0 || !isLink(link)) return undefined;
  const target = readlinkSync(link);
  const at = isAbsolute(target) ? target : `${dirname(link)}/${target}`;
  const folder = realOf(dirname(at));
  if (folder === undefined) return undefined;
  const path = join(folder, basename(at));
  return isLink(path) ? behind(path, left - 1) : path;
}

/** Where what exists of it ends, looked for from the top: of a text that is no path nothing does, and each `realpath` of nothing costs an error. */
function existingEnd(path: string): number {
  if (exists(path)) return path.length;
  let end = 0;
  for (let next = path.indexOf(sep, 1); next !== -1 && exists(path.slice(0, next)); next = path.indexOf(sep, next + 1))
    end = next;
  return end;
}

/** Not what is behind a link: a link that leads to nothing is there. */
function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
