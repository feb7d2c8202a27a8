import type { ComponentChildren } from 'preact';
import { operatorNotice } from '../data/api.ts';
import { short } from '../data/format.ts';
import { type Screen, screen } from '../data/route.ts';
import { status } from '../data/status.ts';
import { icons, Mark } from './icons.tsx';
import { KillSwitch, Stopped } from './kill.tsx';
import { LinkState } from './link-state.tsx';
import { SignIns } from './sign-ins.tsx';

const places: readonly { readonly name: Screen; readonly text: string; readonly press: string }[] = [
  { name: 'now', text: 'Now', press: '1' },
  { name: 'approvals', text: 'Approvals', press: '2' },
  { name: 'tasks', text: 'Tasks', press: '3' },
  { name: 'agents', text: 'Agents & tools', press: '4' },
  { name: 'policy', text: 'Policy', press: '5' },
  { name: 'settings', text: 'Settings', press: '6' },
];

export function Shell({ children }: { children: ComponentChildren }) {
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <nav class="rail" aria-label="Screens">
        <a class="brand" href="/now" aria-label="Sallyport, now">
          <Mark />
          <span>Sallyport</span>
        </a>
        <ul>
          {places.map(place => (
            <Place key={place.name} {...place} />
          ))}
        </ul>
        <Where />
      </nav>
      <div class="body">
        <header class="top">
          <LinkState />
          <KillSwitch />
        </header>
        <Stopped />
        <SignIns />
        <main id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
    </div>
  );
}

function Place({ name, text, press }: (typeof places)[number]) {
  const current = screen.value === name || (name === 'now' && screen.value === 'why');
  const waits = name === 'approvals' ? (status.value?.approvals.pending ?? 0) : 0;
  const changed = name === 'agents' ? (status.value?.quarantined ?? 0) : 0;
  const candidate = name === 'policy' && status.value?.candidate !== undefined;
  return (
    <li>
      <a class="place" href={`/${name}`} aria-current={current ? 'page' : undefined} title={`key ${press}`}>
        {icons[name]}
        <span>{text}</span>
        {waits > 0 && (
          <span class="count count-waits">
            {waits}
            <span class="unsaid"> waiting</span>
          </span>
        )}
        {changed > 0 && (
          <span class="count">
            {changed}
            <span class="unsaid"> quarantined</span>
          </span>
        )}
        {candidate && <span class="count">new</span>}
      </a>
    </li>
  );
}

function Where() {
  const now = status.value;
  const notice = operatorNotice.value;
  return (
    <div class="where">
      {now !== undefined && (
        <>
          <p title={now.stateDir}>{now.listen}</p>
          <p title={`the world in force: ${now.world}`}>world {short(`w_${now.world}`).slice(2)}</p>
          <p>
            {now.modes.scopes.length === 0
              ? `mode ${now.modes.fallback}`
              : `mode ${now.modes.fallback}, with exceptions`}
          </p>
          {now.observed !== undefined && (
            <p class="notice" title="sallyport report says which, and why">
              {`of ${now.observed.calls} calls since yesterday, enforcing would have asked ${now.observed.asked} and refused ${now.observed.refused}`}
            </p>
          )}
        </>
      )}
      {notice.startsWith('advisory') && (
        <p class="notice" title="Agents run under the user id that owns the operator's key, so they could read it.">
          {notice}
        </p>
      )}
    </div>
  );
}
