import type { WordFilter } from '../spelling/word-filter.ts';

/** One result of a task, taken apart once: its whole fields by value, and its texts. */
export interface ResultIndex {
  readonly fields: ReadonlyMap<string, readonly Field[]>;
  readonly records: readonly Rec[];
  readonly texts: readonly Text[];
  /** Those of texts and whole fields: what is surely not among them is neither a whole field nor a unit of a text. */
  readonly words: WordFilter;
  /** Numbers in texts, plain, made when they are first asked for. */
  readonly numbers: () => ReadonlySet<string>;
  /** Texts of two words and more, a line each, made when it is first asked for: what a label has beside its value is no sentence. */
  readonly sentences: () => string;
  /** All texts without what groups digits, made when it is first asked for. */
  readonly squeezedText: () => string;
  /** Lists of plain values, made when they are first asked for. */
  readonly lists: () => readonly List[];
  /** Addresses in texts and fields, made when it is first asked for. */
  readonly addresses: () => readonly string[];
}

export interface Field {
  readonly path: string;
  readonly record: number;
  /** Under a name such as `subject` or `comment`: whoever wrote the record chose it freely. */
  readonly free: boolean;
  /** Read out of lines of a text: whoever wrote the text may have written the line. */
  readonly loose: boolean;
  /** An address written so that it does not look like what it is. */
  readonly disguised: boolean;
}

/** An object of the result, or all of a list of plain values. */
export interface Rec {
  /** The object around it, if it is a part of that one and not one of several in it; otherwise −1. */
  readonly within: number;
  /** The list that it is one of several in; −1 for none. */
  readonly list: number;
  /** It holds a longer text, or a sentence in a field that anybody fills in. */
  speaks: boolean;
  /** Its whole fields, folded. */
  readonly values: string[];
  /** What it is called, folded: the first field that says so. */
  named: string | undefined;
}

/** Where it stands, and its values, each in all its spellings, folded. */
export interface List {
  readonly path: string;
  readonly values: readonly (readonly string[])[];
}

export interface Text {
  readonly path: string;
  readonly record: number;
  readonly folded: string;
}
