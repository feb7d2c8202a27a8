import { type Row, wouldHaveStopped } from '../data/record.ts';
import { didWord, ModeMark } from './marks.tsx';

/** What became of a decision; where it passed because of the mode alone, what enforcing would have done. */
export function Became({ row }: { readonly row: Row }) {
  const { entry, outcome } = row;
  if (entry.kind === 'rejected') return <>turned away</>;
  if (wouldHaveStopped(row))
    return <span class="would">passed, would {entry.answer === 'ask' ? 'ask' : 'refuse'}</span>;
  return (
    <>
      {didWord(outcome)} <ModeMark mode={entry.mode} />
    </>
  );
}
