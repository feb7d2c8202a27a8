import { useEffect, useState } from 'preact/hooks';
import { wordsOf } from '../data/api.ts';

export type Loaded<T> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'here'; readonly value: T }
  | { readonly kind: 'failed'; readonly why: string };

/** Reads something, and reads it again when one of `when` changes; what is shown stays until the new is here. */
export function useLoaded<T>(read: () => Promise<T>, when: readonly unknown[]): Loaded<T> {
  const [state, setState] = useState<Loaded<T>>({ kind: 'loading' });
  useEffect(() => {
    let isOld = false;
    read().then(
      value => isOld || setState({ kind: 'here', value }),
      thrown => isOld || setState({ kind: 'failed', why: wordsOf(thrown) }),
    );
    return () => {
      isOld = true;
    };
  }, when);
  return state;
}

/** Every second while something counts down. */
export function useSeconds(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
