import type { Edit } from './edit.ts';
import { editJson, readJson } from './json.ts';
import { editToml, readToml } from './toml.ts';
import { editYaml, readYamlText } from './yaml.ts';

export type Format = 'json' | 'toml' | 'yaml';

const byteOrderMark = '\ufeff';

/** The file's content as plain values. Throws `EditFault` with line and column. */
export function readDocument(format: Format, text: string): unknown {
  const plain = text.startsWith(byteOrderMark) ? text.slice(1) : text;
  if (format === 'json') return readJson(plain);
  return format === 'toml' ? readToml(plain) : readYamlText(plain);
}

/** The text with all edits made, and nothing else changed. Throws `EditFault`. */
export function editDocument(format: Format, text: string, edits: readonly Edit[]): string {
  const mark = text.startsWith(byteOrderMark) ? byteOrderMark : '';
  const edit = format === 'json' ? editJson : format === 'toml' ? editToml : editYaml;
  return mark + edits.reduce(edit, text.slice(mark.length));
}
