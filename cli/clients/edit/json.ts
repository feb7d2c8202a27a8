import {
  applyEdits,
  findNodeAtLocation,
  type Node as JsonNode,
  modify,
  type ParseError,
  parse,
  parseTree,
  printParseErrorCode,
  visit,
} from 'jsonc-parser';
import { type Edit, EditFault, placeOf } from './edit.ts';

/** JSON with comments and trailing commas, as editors write it. A name that stands twice is a fault: which one counts differs. */
export function readJson(text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true, disallowComments: false });
  const [first] = errors;
  if (first !== undefined) {
    const { line, column } = placeOf(text, first.offset);
    const what = printParseErrorCode(first.error)
      .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
      .toLowerCase();
    throw new EditFault(`is not JSON: ${what}`, line, column);
  }
  refuseTwins(text);
  return value;
}

function refuseTwins(text: string): void {
  const open: Set<string>[] = [];
  visit(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (name, offset) => {
      if (open.at(-1)?.has(name) === true) {
        const { line, column } = placeOf(text, offset);
        throw new EditFault(`has the name ${JSON.stringify(name)} twice`, line, column);
      }
      open.at(-1)?.add(name);
    },
  });
}

export function editJson(text: string, { path, members }: Edit): string {
  const formattingOptions = { ...indentOf(text), eol: text.includes('\r\n') ? '\r\n' : '\n' };
  let edited = text;
  for (const [name, value] of Object.entries(members)) {
    const tree = parseTree(edited);
    const isNew = tree === undefined || findNodeAtLocation(tree, [...path, name]) === undefined;
    // Without options the rest of the line keeps its shape; only what is new is laid out, and only on lines of its own.
    const options = isNew && value !== undefined && !isOnOneLine(edited, tree, path) ? { formattingOptions } : {};
    edited = applyEdits(edited, modify(edited, [...path, name], value, options));
  }
  return edited;
}

/** What is laid out there would take its neighbours on the line with it. */
function isOnOneLine(text: string, tree: JsonNode | undefined, path: readonly string[]): boolean {
  const node = tree === undefined ? undefined : findNodeAtLocation(tree, [...path]);
  return node !== undefined && !/[\r\n]/.test(text.slice(node.offset, node.offset + node.length));
}

/** Puts one value there, or takes it out; what is new is laid out as the rest of the file is. */
export function setJson(text: string, path: readonly (string | number)[], value: unknown, insert = false): string {
  const formattingOptions = { ...indentOf(text), eol: text.includes('\r\n') ? '\r\n' : '\n' };
  return applyEdits(text, modify(text, [...path], value, { formattingOptions, isArrayInsertion: insert }));
}

/** Edits what stands behind a byte order mark, which stays. */
export function behindMark(text: string, edit: (plain: string) => string): string {
  const mark = text.startsWith(byteOrderMark) ? byteOrderMark : '';
  return mark + edit(text.slice(mark.length));
}

const byteOrderMark = '\ufeff';

/** The indentation that the file has: that of its first indented line. */
function indentOf(text: string): { readonly insertSpaces: boolean; readonly tabSize: number } {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ';
  return { insertSpaces: !indent.startsWith('\t'), tabSize: indent.startsWith('\t') ? 4 : Math.min(8, indent.length) };
}
