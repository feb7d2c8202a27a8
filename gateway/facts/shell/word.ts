import type { DoubleQuotedChild, Word, WordPart } from 'unbash';

/** A word of a command as the program will get it, as far as its text shows. */
export interface Spelled {
  readonly text: string;
  /** False where an expansion puts something into it that the text does not show. */
  readonly known: boolean;
  /** It names several files by a pattern. */
  readonly pattern: boolean;
}

/** Variables that say where or who, never what: their names stand for their values. */
const harmlessVariable = /^\$(?:HOME|PWD|USER|\{(?:HOME|PWD|USER)\}|[?$#])$/;

/** It may come to any words: one option, or several words where one stands. */
export function mayBeOption({ text, pattern }: Spelled): boolean {
  return pattern && !/^(?:\w|\.{0,2}\/)/.test(text);
}

export function spelled(word: Word): Spelled {
  const parts = word.parts ?? [];
  return { text: word.value, known: parts.every(isKnown), pattern: parts.some(isPattern) };
}

function isKnown(part: WordPart | DoubleQuotedChild): boolean {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
    case 'Glob':
      return true;
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.every(isKnown);
    case 'BraceExpansion':
      return (part.parts ?? []).every(isKnown);
    // What Bash takes for a pattern here (and only where that was switched on) is run by zsh, fish and PowerShell.
    case 'ExtendedGlob':
      return false;
    case 'SimpleExpansion':
    case 'ParameterExpansion':
      return harmlessVariable.test(part.text);
    default:
      return false;
  }
}

function isPattern(part: WordPart): boolean {
  return part.type === 'Glob' || part.type === 'BraceExpansion';
}
