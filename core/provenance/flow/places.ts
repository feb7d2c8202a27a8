import { readPaths } from '../../facts/path.ts';
import type { Way } from '../../model/way.ts';
import { stemsOf, type Words, wordSet, wordsOf } from '../../policy/classify/words.ts';
import type { Sink, Sinks } from '../call/sinks.ts';

/**
 * Where the things of a call lie, and whether anybody whom the task works for pointed there: a repository of a host, a
 * project, a folder. Reading in one place and writing in another is a flow between what may have other readers, and each of
 * the two calls by itself is one that was asked for.
 */
export interface Place {
  /** The call names a place that the principal did not name, and they named another of its kind. */
  readonly elsewhere: boolean;
  /** The task has been elsewhere, and this call is not there. */
  readonly strayed: boolean;
}

/** The places of one task: those of the principal's by the argument that named them, and the others. Digests, and bounded. */
export interface Visited {
  readonly home: Map<string, Set<string>>;
  readonly strange: Set<string>;
}

export function nowhereYet(): Visited {
  return { home: new Map(), strange: new Set() };
}

const placesMax = 1_000;

/** Names of arguments whose value holds other things, each with readers of its own. */
const holders: Words = wordSet(
  `repo repository project workspace organization organisation org owner account tenant bucket database dataset schema
   vault drive mailbox namespace space site registry`,
);

/** Where somebody pointed, one of more values than are looked at may lead elsewhere. */
export function placeOf({ sinks, all }: Sinks, ways: readonly Way[], visited: Visited, said: string): Place {
  const roots = said.includes('/') || said.includes('\\') ? rootsIn(said) : [];
  let elsewhere = asksForTheirs(sinks, ways) || (!all && (roots.length > 0 || visited.home.size > 0));
  let isThere = false;
  for (let at = 0; at < ways.length; at++) {
    const way = ways[at];
    const sink = sinks[at];
    if (way === undefined || sink === undefined) continue;
    if (visited.strange.has(way.digest)) isThere = true;
    if (visited.home.size > 0 && holds(way) && isBeside(way, visited)) elsewhere = true;
    if (fullPath.test(sink.value) && leavesRoots(sink.value, way, roots)) elsewhere = true;
  }
  return { elsewhere, strayed: visited.strange.size > 0 && !isThere && !elsewhere };
}

/** The action was performed: where it was is remembered. `at`: as it was judged. */
export function visit(visited: Visited, ways: readonly Way[], at: Place): void {
  for (const way of ways) {
    if (way.backing !== 'principal' || !holds(way)) continue;
    const name = nameOf(way);
    visited.home.set(name, (visited.home.get(name) ?? new Set()).add(way.digest));
  }
  if (!at.elsewhere || visited.strange.size >= placesMax) return;
  for (const way of ways.filter(isStranger)) visited.strange.add(way.digest);
}

const fullPath = /^(?:~|file:|[a-z]:)?[/\\]/i;
const saidPath = /[\s"'`(<]((?:~|[a-z]:)?[/\\][^\s"'`)<>,;]+)/gi;
const indexes = /\[\d+\]/g;
const toLastDot = /^.*\./;

/** A query of which nothing is the principal's, and something is only a text's: a table that was not spoken of. */
function asksForTheirs(sinks: readonly Sink[], ways: readonly Way[]): boolean {
  if (!sinks.some(({ role, value }) => role === 'command' && isQuery(value))) return false;
  const literals = ways.filter(({ argument }) => argument.endsWith('(value)'));
  return (
    literals.some(({ backing }) => backing === 'text') &&
    literals.every(({ backing }) => backing === 'text' || backing === 'nobody')
  );
}

function isQuery(command: string): boolean {
  return /^[\s(]*(?:select|with|table|show|describe|desc)\b/i.test(command);
}

function isBeside(way: Way, { home }: Visited): boolean {
  const named = home.get(nameOf(way));
  return isStranger(way) && named !== undefined && !named.has(way.digest);
}

function isStranger(way: Way): boolean {
  return (way.role === 'object' || way.role === 'choice' || way.role === 'plain') && isNobodys(way);
}

function isNobodys({ backing }: Way): boolean {
  return backing === 'nobody' || backing === 'text';
}

function holds({ argument }: Way): boolean {
  return wordsOf(lastOf(argument)).some(word => stemsOf(word).some(stem => holders.has(stem)));
}

function nameOf({ argument }: Way): string {
  return wordsOf(lastOf(argument)).join('_');
}

function lastOf(argument: string): string {
  return argument.replace(indexes, '').replace(toLastDot, '');
}

/** Folders that the principal's words name in full: `/srv/notes`, `~/reports`, not `/srv/notes/june.md`. */
function rootsIn(said: string): readonly string[] {
  const found = [...said.matchAll(saidPath)].map(([, path = '']) => path.replace(/(?<![.:!?])[.:!?]+$/, ''));
  const folders = found.filter(path => !/\.[a-z0-9]{1,8}$/i.test(path));
  return readPaths(folders).all.filter(path => path.length > 1);
}

/** `/home/ann/notes` is `~/notes` to whoever said so. */
function underHome(path: string): string {
  return path.replace(/^\/(?:(?:home|users)\/[^/]+|root)(?=\/|$)/i, '~');
}

/**
 * A path in full that lies in none of these folders: however it is spelled, compared step by step, and whoever wrote down a
 * path that steps back or hides a step behind percent signs.
 */
function leavesRoots(value: string, way: Way, roots: readonly string[]): boolean {
  if (roots.length === 0) return false;
  const { all, disguised } = readPaths([value]);
  const isIn = (path: string): boolean => roots.some(root => path === root || path.startsWith(`${root}/`));
  const isOutside = all.some(path => /^(?:~|[a-z]:)?\//i.test(path) && !isIn(path) && !isIn(underHome(path)));
  // Found nowhere is nobody's here, also where the agent said it before: who was turned away would only have to come again.
  return isOutside && (disguised || isNobodys(way) || way.origin === 'unknown');
}
