import type { Given } from '../command.ts';
import { CliError } from '../exit.ts';
import { cut, safeLine } from '../format/safe.ts';

/**
 * What the gateway says of an order names its field; whoever typed flags is told of the flag: `--server flies: is no configured server`
 * instead of `audience[0]: …`. `flags`: field by field, the flag that it was made of.
 */
export async function inFlags<T>(asked: Promise<T>, flags: Readonly<Record<string, string>>, given: Given): Promise<T> {
  try {
    return await asked;
  } catch (thrown) {
    throw thrown instanceof CliError ? (retold(thrown, flags, given) ?? thrown) : thrown;
  }
}

function retold(
  { code, message, fix, status, field = '' }: CliError,
  flags: Readonly<Record<string, string>>,
  { options }: Given,
): CliError | undefined {
  const [, whole = '', index] = /^(.*?)(?:\[(\d+)\])?$/.exec(field) ?? [];
  const flag = Object.hasOwn(flags, whole) ? flags[whole] : undefined;
  if (flag === undefined || !message.startsWith(`${field}: `)) return undefined;
  const given = options[flag];
  const word = index !== undefined && Array.isArray(given) ? given[Number(index)] : given;
  const typed = typeof word === 'string' ? ` ${cut(safeLine(word), 160)}` : '';
  return new CliError(code, `--${flag}${typed}${message.slice(field.length)}`, fix, status, field);
}
