import { lstatSync, realpathSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import type { Action } from '@sallyport/core/model/action.ts';
import type { JsonNode } from '@sallyport/core/model/json.ts';

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

/** Words of one call that are looked at; more are taken for a path that leads here. */
const wordsMax = 2_000;

/**
 * Whether an action names the gateway's own files (threats E-6: an agent edits its own policy or configuration through an allowed file
 * tool). Held in every mode and before any policy. A word that leads to the state directory is refused whatever the tool does; one that
 * leads to the configuration or the policies, or to a folder above any of these where the tool destroys, only where it does not merely read.
 * What a server makes of a path by itself (its own variables, its own links made later) is not seen.
 */
export function createOwnPlaces(places: OwnPlaces): (action: Action) => boolean {
  const state = bothOf(places.stateDir);
  const open = places.open.flatMap(bothOf);
  const written = places.written.flatMap(bothOf);
  const throughLinks = remembering(Date.now);
  const isOpen = (path: string): boolean => open.some(place => isWithin(path, place));

  return ({ server, tool, input }) => {
    const onlyReads = tool.classes.length > 0 && tool.classes.every(name => name === 'read');
    const destroys = tool.classes.includes('destructive');
    const cwd = places.cwdOf(server);
    const words = wordsIn(input, cwd === undefined ? /[/~$]|%2f/i : /[/~$.\\]|%2[ef]/i);
    if (words === undefined) return !onlyReads;
    return words.some(word => {
      const named = absolute(word, cwd, places.home);
      if (named === undefined) return false;
      return [named, throughLinks(named)].some(path => {
        if (state.some(place => isWithin(path, place)) && !isOpen(path)) return true;
        if (onlyReads) return false;
        if (written.some(place => isWithin(path, place))) return true;
        return destroys && !isOpen(path) && [...state, ...written].some(place => isWithin(place, path));
      });
    });
  };
}

/** As it is written and as it lies on disk. */
function bothOf(place: string): string[] {
  return [...new Set([resolve(place), followed(resolve(place))])];
}

function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(place.endsWith(sep) ? place : place + sep);
}

const rememberedMillis = 1_000;
const rememberedMax = 500;

/** As `followed`, with what folders were found to be remembered for a moment: many calls name the same few. */
function remembering(now: () => number): (path: string) => string {
  const known = new Map<string, { readonly real: string; readonly until: number }>();
  return path => {
    const above = dirname(path);
    const found = known.get(above);
    const fresh = found !== undefined && found.until > now() ? found.real : undefined;
    if (fresh === undefined) {
      if (known.size >= rememberedMax) known.clear();
      known.set(above, { real: followed(above), until: now() + rememberedMillis });
    }
    const real = fresh ?? known.get(above)?.real ?? above;
    return leaf(real === sep ? path : real + path.slice(above === sep ? 0 : above.length));
  };
}

/** The last part may be a link itself. */
function leaf(path: string): string {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? followed(path) : path;
  } catch {
    return path;
  }
}

/** Through links, as far as the path exists. */
function followed(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : followed(above) + path.slice(above === sep ? above.length - 1 : above.length);
  }
}

/** Every text of the input, and the words of those that are more than one: a command is looked at word by word. */
function wordsIn(node: JsonNode, pathLike: RegExp): readonly string[] | undefined {
  const words: string[] = [];
  const walk = (at: JsonNode): void => {
    if (words.length > wordsMax) return;
    if (at.kind === 'string') words.push(...spelled(at.value, pathLike));
    if (at.kind === 'array') for (const item of at.items) walk(item);
    if (at.kind === 'object') for (const member of at.members.values()) walk(member);
  };
  walk(node);
  return words.length > wordsMax ? undefined : words;
}

const partsMax = 500;

/** Only what could name a file: without a separator, and a folder to begin in, nothing does. */
function spelled(text: string, pathLike: RegExp): string[] {
  if (!pathLike.test(text)) return [];
  const parts = /[\s"'`=:;|&<>(){},]/.test(text) ? text.split(/[\s"'`=;|&<>(){},]+/, partsMax) : [];
  return [text, ...parts].filter(part => part !== '' && part.length <= 4_096 && pathLike.test(part)).flatMap(decoded);
}

function decoded(text: string): string[] {
  const plain = text.replace(/^file:\/\/(?:localhost)?/i, '').replaceAll('\\', '/');
  if (!/%[0-9a-f]{2}/i.test(plain)) return [plain];
  return [plain, plain.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))];
}

function absolute(word: string, cwd: string | undefined, home: string): string | undefined {
  if (word.includes('\0')) return undefined;
  const at = word.replace(/^(?:~|\$HOME|\$\{HOME\})(?=\/|$)/, home);
  if (at.startsWith('/')) return resolve(at);
  return cwd === undefined ? undefined : resolve(cwd, at);
}
