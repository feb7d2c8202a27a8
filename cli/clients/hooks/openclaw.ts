import { fileURLToPath } from 'node:url';
import { readDocument } from '../edit/document.ts';
import { behindMark, readJson, setJson } from '../edit/json.ts';
import { memberAt } from '../plan.ts';
import { isRecord } from '../shape.ts';
import { hookScript } from './script.ts';

/** The folder of the plugin that OpenClaw loads, and under which name. */
const openclawPlugin = fileURLToPath(new URL('../../hook-plugins/openclaw', import.meta.url));
const id = 'sallyport';
const paths = ['plugins', 'load', 'paths'];
const entry = ['plugins', 'entries', id];
const allow = ['plugins', 'allow'];

/** `openclaw.json` with the plugin in the list of those that it loads, switched on, and among those that are let in where a list says who is. */
export function withPlugin(before: string | undefined, stateDir: string): string {
  return behindMark(before ?? '{}\n', plain => {
    let edited = plain;
    const append = (path: readonly string[], value: string): void => {
      const there = memberAt(readJson(edited), path);
      if (Array.isArray(there) && there.includes(value)) return;
      edited = Array.isArray(there)
        ? setJson(edited, [...path, there.length], value, true)
        : setJson(edited, path, [value]);
    };
    append(paths, openclawPlugin);
    if (Array.isArray(memberAt(readJson(edited), allow))) append(allow, id);
    // OpenClaw runs a copy of the plugin, from where nothing of ours can be found.
    const wanted = { enabled: true, config: { stateDir, script: hookScript } };
    const same = JSON.stringify(memberAt(readJson(edited), entry)) === JSON.stringify(wanted);
    return same ? edited : setJson(edited, entry, wanted);
  });
}

/** Without it; lists and mappings that held nothing else go too. */
export function withoutPlugin(text: string): string {
  return behindMark(text, plain => {
    let edited = plain;
    if (!isNamed(readJson(plain))) return plain;
    for (const [path, value] of [
      [paths, openclawPlugin],
      [allow, id],
    ] as const) {
      const list = memberAt(readJson(edited), path);
      const at = Array.isArray(list) ? list.indexOf(value) : -1;
      if (at >= 0) edited = setJson(edited, [...path, at], undefined);
    }
    if (memberAt(readJson(edited), entry) !== undefined) edited = setJson(edited, entry, undefined);
    for (const path of [paths, ['plugins', 'load'], ['plugins', 'entries'], ['plugins']]) {
      const left = memberAt(readJson(edited), path);
      const isEmpty = Array.isArray(left) ? left.length === 0 : isRecord(left) && Object.keys(left).length === 0;
      if (isEmpty) edited = setJson(edited, path, undefined);
    }
    return edited;
  });
}

/** Whether the plugin is loaded and asks there where this gateway listens. */
export function pluginState(text: string, stateDir: string): 'none' | 'changed' | 'whole' {
  const root = readDocument('json', text);
  if (!isNamed(root)) return 'none';
  const denied = memberAt(root, ['plugins', 'deny']);
  const isOff = memberAt(root, ['plugins', 'enabled']) === false || (Array.isArray(denied) && denied.includes(id));
  return !isOff && withPlugin(text, stateDir) === text ? 'whole' : 'changed';
}

function isNamed(root: unknown): boolean {
  const listed = memberAt(root, paths);
  return (Array.isArray(listed) && listed.includes(openclawPlugin)) || memberAt(root, entry) !== undefined;
}
