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

/** A place in a text, counted from 1. */
export function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** The text of a file, its byte order mark included. Throws `EditFault`. */
export function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new EditFault('is not UTF-8');
  }
}
