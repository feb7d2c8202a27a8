import { nearest } from '@sallyport/core/model/nearest.ts';
import { CliError } from '../exit.ts';
import { cut, safeLine } from '../format/safe.ts';

/** Adds "did you mean" to a `not-found`: what the user typed against what there is. Looking it up must not fail anew. */
export async function withSuggestion<T>(
  asked: Promise<T>,
  typed: string,
  known: () => Promise<readonly string[]>,
  otherwise: string,
): Promise<T> {
  try {
    return await asked;
  } catch (thrown) {
    if (!(thrown instanceof CliError) || thrown.code !== 'not-found' || isElsewhere(thrown)) throw thrown;
    const near = nearest(typed, await known().catch(() => []));
    // It is there: what is not is another thing that was named beside it.
    if (near === typed) throw thrown;
    const fix = near === undefined ? otherwise : didYouMean(near);
    throw new CliError(thrown.code, thrown.message, fix, thrown.status, thrown.field);
  }
}

/** `agent bto: is no configured agent` for `agent: is no …`: what is wrong is told with the word that was typed. */
export function withWord(thrown: unknown, field: string, typed: string): unknown {
  if (!(thrown instanceof CliError) || thrown.field !== field || !thrown.message.startsWith(`${field}: `))
    return thrown;
  const { code, message, fix, status } = thrown;
  return new CliError(code, `${field} ${cut(safeLine(typed), 160)}${message.slice(field.length)}`, fix, status, field);
}

/** It says itself what was meant, or is about an item of a list that was given beside what was typed. */
function isElsewhere({ message }: CliError): boolean {
  return /did you mean/.test(message) || /^\w+\[\d+\]: /.test(message);
}

export function didYouMean(word: string): string {
  return `Did you mean ${cut(safeLine(word), 160)}?`;
}
