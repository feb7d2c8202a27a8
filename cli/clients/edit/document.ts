import { editJson, readJson } from './json.ts';
import { editToml, readToml } from './toml.ts';
import { editYaml, readYamlText } from './yaml.ts';

export type Format = 'json' | 'toml' | 'yaml';

/** A file cannot be read, or not be changed without touching more than was asked for. It is left alone (E11). */
export class EditFault extends Error {
  override readonly name = 'EditFault';
  /** From 1; undefined where it is not one place. */
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(message: string, line?: number, column?: number) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/** Sets members of one mapping, or takes them out where undefined. Every other byte stays as it is (E2). */
export interface Edit {
  readonly path: readonly string[];
  readonly members: Readonly<Record<string, unknown>>;
}

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

/** A place in a text, counted from 1. */
export function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
