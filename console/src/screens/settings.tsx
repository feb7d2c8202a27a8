import type { ModesView } from '@sallyport/gateway/api/view/status.ts';
import { get, operatorNotice } from '../data/api.ts';
import { moment, plural } from '../data/format.ts';
import { leave, signIn } from '../data/session.ts';
import { status } from '../data/status.ts';
import { setTheme, type Theme, theme } from '../data/theme.ts';
import { useLoaded } from '../parts/load.ts';
import { Foreign } from '../parts/text.tsx';
import { Twin } from '../parts/twin.tsx';
import { Channels } from './channels.tsx';
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
      <p class="quiet">
        {status.value?.signIn === undefined ? (
          'No identity provider is configured: people come in by links that the operator prints.'
        ) : (
          <>
            People sign in at <Foreign text={status.value.signIn} max={200} />.
          </>
        )}
      </p>
      <h2>Modes</h2>
      {loaded.kind === 'here' && <Modes modes={loaded.value.modes} />}
      <h2>Channels</h2>
      <Channels channels={status.value?.channels ?? []} />
      <h2>Retention</h2>
      <p>
        {status.value?.bodyDaysMax === undefined
          ? 'Arguments, results and purposes are kept until somebody erases them.'
          : `Arguments, results and purposes are kept for ${plural(status.value.bodyDaysMax, 'day')}.`}{' '}
        <span class="quiet">Who did what, and how it was decided, stays in the record.</span>
      </p>
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
