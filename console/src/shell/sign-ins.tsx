import { status } from '../data/status.ts';
import { Foreign } from '../parts/text.tsx';

/** On every screen, until whoever has to has signed in: the tools are there, and their calls are refused. */
export function SignIns() {
  const waiting = (status.value?.credentials ?? []).filter(({ state }) => state.state === 'needs-authorization');
  if (waiting.length === 0) return null;
  return (
    <section class="sign-ins" aria-label="Credentials that need a sign-in">
      {waiting.map(({ name, state: { why = '', link } }) => (
        <p key={name}>
          <strong>
            <Foreign text={`${name} needs a sign-in`} max={120} />
          </strong>
          <span>
            <Foreign text={why} max={300} />
          </span>
          {link !== undefined && /^https?:\/\//.test(link) && (
            <a href={link} target="_blank" rel="noreferrer">
              Sign in
            </a>
          )}
        </p>
      ))}
    </section>
  );
}
