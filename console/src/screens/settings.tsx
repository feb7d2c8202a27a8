import type { ModesView } from '@sallyport/gateway/api/view/status.ts';
import { get, operatorNotice } from '../data/api.ts';
import { moment } from '../data/format.ts';
import { leave, signIn } from '../data/session.ts';
import { status } from '../data/status.ts';
import { setTheme, type Theme, theme } from '../data/theme.ts';
import { useLoaded } from '../parts/load.ts';
import { Twin } from '../parts/twin.tsx';
import { Modes } from './modes.tsx';

export function Settings() {
  const loaded = useLoaded(() => get<{ modes: ModesView }>('modes'), [status.value?.modes]);
  const now = signIn.value;
  return (
    <section class="settings">
      <h1>Settings</h1>
      <h2>Sign-in</h2>
      {now.kind === 'in' && (
        <p>
          Signed in as <strong>{now.person.name}</strong>, role <strong>{now.person.role}</strong>
          {now.person.expiresAt !== undefined && (
            <span class="quiet"> until {moment(now.person.expiresAt)}, or until this page is closed</span>
          )}
        </p>
      )}
      <p class="quiet">
        Operator's proof: {operatorNotice.value}.{' '}
        {operatorNotice.value.startsWith('advisory') &&
          'Agents run under the user id that owns the operator’s key and could read it, so approvals, stops and activations are not a boundary against them here. A user of its own for the gateway makes them one.'}
      </p>
      <p>
        <button type="button" onClick={() => void leave()}>
          Sign out
        </button>
      </p>
      <h2>Modes</h2>
      {loaded.kind === 'here' && <Modes modes={loaded.value.modes} />}
      <h2>Appearance</h2>
      <fieldset class="segments">
        <legend class="unsaid">Theme</legend>
        {(['system', 'light', 'dark'] satisfies Theme[]).map(name => (
          <button key={name} type="button" aria-pressed={theme.value === name} onClick={() => setTheme(name)}>
            {name}
          </button>
        ))}
      </fieldset>
      <Twin line="sallyport status" />
    </section>
  );
}
