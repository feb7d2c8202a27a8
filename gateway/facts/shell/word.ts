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
    case 'ExtendedGlob':
      return (part.parts ?? []).every(isKnown);
    case 'SimpleExpansion':
    case 'ParameterExpansion':
      return harmlessVariable.test(part.text);
    default:
      return false;
  }
}

function isPattern(part: WordPart): boolean {
  return part.type === 'Glob' || part.type === 'ExtendedGlob' || part.type === 'BraceExpansion';
}
