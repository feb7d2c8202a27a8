import { nearest } from '@sallyport/core/model/nearest.ts';

/** Something wrong with a policy file, where it stands. The same shape as in the control API. */
export interface PolicyProblem {
  readonly file: string;
  /** From 1; 0 where it is about the file or the set as a whole. */
  readonly line: number;
  readonly message: string;
  /** What to write instead. */
  readonly fix?: string;
}

/** `policies/mail.cedar:12: attribute `curency` not found; did you mean `currency`?` */
export function showProblem({ file, line, message, fix }: PolicyProblem): string {
  const place = [file, ...(line > 0 ? [String(line)] : [])].filter(part => part !== '').join(':');
  return `${place === '' ? '' : `${place}: `}${message}${fix === undefined ? '' : `; ${fix}`}`;
}

/** "did you mean `x`?" for the nearest of `known`, or undefined where nothing is near. */
export function suggestion(word: string, known: Iterable<string>): string | undefined {
  const close = nearest(word, known);
  return close === undefined ? undefined : `did you mean \`${close}\`?`;
}
