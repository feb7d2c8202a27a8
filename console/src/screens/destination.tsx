import type { JsonNode } from '@sallyport/core/model/json.ts';
import { mixesScripts } from '@sallyport/core/model/scripts.ts';
import { Foreign } from '../parts/text.tsx';
import { argumentsOf } from '../parts/value.tsx';

/** Where it would go, as far as the arguments say it by themselves: hosts, mail addresses and paths. */
export function Destination({ params }: { params: string | undefined }) {
  const found = [...(argumentsOf(params) ?? [])].flatMap(([name, node]) =>
    [...places(node)].map(place => ({ name, place })),
  );
  if (found.length === 0) return null;
  return (
    <p class="destination">
      <span class="quiet">goes to</span>
      {found.slice(0, 8).map(({ name, place }) => (
        <span key={name + place} class={mixesScripts(place) ? 'place-odd' : 'place-name'} title={`in ${name}`}>
          <Foreign text={place} max={200} />
        </span>
      ))}
      {found.length > 8 && <span class="quiet">and {found.length - 8} more</span>}
    </p>
  );
}

function* places(node: JsonNode): Generator<string> {
  if (node.kind === 'array') for (const item of node.items) yield* places(item);
  if (node.kind === 'object') for (const value of node.members.values()) yield* places(value);
  if (node.kind !== 'string' || node.value.length > 2_000) return;
  const host = /^[a-z][a-z0-9+.-]*:\/\/([^/?#\s]+)/i.exec(node.value)?.[1];
  if (host !== undefined) yield host;
  else if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(node.value)) yield node.value;
}
