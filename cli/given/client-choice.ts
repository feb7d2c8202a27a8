import { nearest } from '@sallyport/core/model/nearest.ts';
import { type Client, clientsOn, thisMachine } from '../clients/table.ts';
import type { Given } from '../command.ts';
import { usageError } from '../exit.ts';
import { safeLine } from '../format/safe.ts';
import { didYouMean } from './suggest.ts';

export function clientIds(): readonly string[] {
  return clientsOn(thisMachine('/')).map(({ id }) => id);
}

/** The clients that were named, or all of them. */
export function chosenClients(given: Given, all: readonly Client[]): readonly Client[] {
  const words = given.args.flat() as readonly string[];
  const unknown = words.find(word => !all.some(({ id }) => id === word));
  if (unknown === undefined) return words.length === 0 ? all : all.filter(({ id }) => words.includes(id));
  const ids = all.map(({ id }) => id);
  const near = nearest(unknown, ids);
  throw usageError(
    `${safeLine(unknown)} is no client`,
    near === undefined ? `There are ${ids.join(', ')}.` : didYouMean(near),
  );
}
