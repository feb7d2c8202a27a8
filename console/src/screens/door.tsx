import { rememberPlace } from '../data/session.ts';
import { Twin } from '../parts/twin.tsx';
import { Mark } from '../shell/icons.tsx';

/** Before anybody is signed in. The seam for an identity provider's sign-in: it would stand beside the link. */
export function Door({ why }: { why: string }) {
  return (
    <main class="door">
      <Mark />
      <h1>Sallyport</h1>
      {why !== '' && (
        <p class="problem" role="alert">
          {why}
        </p>
      )}
      <p>On the machine that runs the gateway, print a link and open it here:</p>
      <Twin line="sallyport console" />
      <p>
        Or, where your organisation's sign-in is set up:{' '}
        <a href="/oauth/sign-in" onClick={rememberPlace} data-leaves="">
          sign in there
        </a>
      </p>
      <p class="quiet">
        The link works once. The sign-in stays in the memory of this page: nothing is stored, and reloading ends it
        unless another tab is open.
      </p>
    </main>
  );
}
