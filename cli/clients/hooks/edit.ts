import { isDeepStrictEqual } from 'node:util';
import { readDocument } from '../edit/document.ts';
import { EditFault } from '../edit/edit.ts';
import { behindMark, readJson, setJson } from '../edit/json.ts';
import { isRecord } from '../shape.ts';

/** One entry of a client's `hooks`, under the event that it is for. */
export interface HookEntry {
  readonly event: string;
  readonly entry: object;
}

/** The file with our entries and no others of ours; every byte that is not about them stays (E2). Throws `EditFault`. */
export function withHooks(text: string, entries: readonly HookEntry[], top: Readonly<Record<string, unknown>>): string {
  const there = ourEntriesIn(text);
  const isThere = (wanted: HookEntry): boolean => there.some(each => isDeepStrictEqual(each, wanted));
  if (there.length === entries.length && entries.every(isThere)) return text;
  return behindMark(withoutHooks(text), plain => {
    let edited = plain;
    refuseOther(readJson(plain), entries);
    for (const [name, value] of Object.entries(top))
      if (memberOf(readJson(edited), name) === undefined) edited = setJson(edited, [name], value);
    for (const { event, entry } of entries) {
      const there = memberOf(memberOf(readJson(edited), 'hooks'), event);
      edited = Array.isArray(there)
        ? setJson(edited, ['hooks', event, there.length], entry, true)
        : setJson(edited, ['hooks', event], [entry]);
    }
    return edited;
  });
}

/** What stands in the way of ours and is no list of hooks is nothing to write over. */
function refuseOther(root: unknown, entries: readonly HookEntry[]): void {
  const hooks = memberOf(root, 'hooks');
  const isOther = ({ event }: HookEntry): boolean => {
    const list = memberOf(hooks, event);
    return list !== undefined && !Array.isArray(list);
  };
  if (!isRecord(root) || (hooks !== undefined && !isRecord(hooks)) || entries.some(isOther))
    throw new EditFault('has hooks written in a way that is not known here');
}

/** The file without our entries. Lists and mappings that held nothing else go with them. */
export function withoutHooks(text: string): string {
  return behindMark(text, plain => {
    let edited = plain;
    const hooks = memberOf(readJson(plain), 'hooks');
    if (!isRecord(hooks)) return plain;
    let touched = false;
    for (const [event, list] of Object.entries(hooks)) {
      if (!Array.isArray(list)) continue;
      const ours = list.flatMap((entry, index) => (isOurHook(entry) ? [index] : []));
      if (ours.length === 0) continue;
      touched = true;
      if (ours.length === list.length) edited = setJson(edited, ['hooks', event], undefined);
      else for (const index of ours.reverse()) edited = setJson(edited, ['hooks', event, index], undefined);
    }
    const left = memberOf(readJson(edited), 'hooks');
    return touched && isRecord(left) && Object.keys(left).length === 0 ? setJson(edited, ['hooks'], undefined) : edited;
  });
}

/** The commands of ours that stand in a file, each with its event. */
export function hooksIn(text: string): readonly { readonly event: string; readonly command: string }[] {
  return ourEntriesIn(text).flatMap(({ event, entry }) =>
    commandsIn(entry)
      .filter(isOurCommand)
      .map(command => ({ event, command })),
  );
}

/** Entries of a file with a command of ours, as they stand there. */
export function ourEntriesIn(text: string): readonly HookEntry[] {
  const hooks = memberOf(readDocument('json', text), 'hooks');
  if (!isRecord(hooks)) return [];
  return Object.entries(hooks).flatMap(([event, list]) =>
    (Array.isArray(list) ? list : []).filter(isOurHook).map(entry => ({ event, entry })),
  );
}

/** How many entries of others stand under the events that ours stand under. */
export function othersBeside(text: string): number {
  const hooks = memberOf(readDocument('json', text), 'hooks');
  const lists = Object.values(isRecord(hooks) ? hooks : {}).filter(Array.isArray);
  return lists.filter(list => list.some(isOurHook)).flatMap(list => list.filter(each => !isOurHook(each))).length;
}

function isOurHook(entry: unknown): entry is object {
  return commandsIn(entry).some(isOurCommand);
}

function isOurCommand(command: string): boolean {
  return /[\\/]hook\.(?:sh' '.*'|js" ".*") [a-z-]+ (?:tool|prompt)$/.test(command);
}

function commandsIn(entry: unknown): string[] {
  if (!isRecord(entry)) return [];
  const own = typeof entry.command === 'string' ? [entry.command] : [];
  return [...own, ...(Array.isArray(entry.hooks) ? entry.hooks.flatMap(commandsIn) : [])];
}

function memberOf(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}
