import { type JsonNode, member, parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';
import { laidOut } from '@sallyport/core/model/json-layout.ts';
import { mixesScripts } from '@sallyport/core/model/scripts.ts';
import { useState } from 'preact/hooks';
import { Foreign } from './text.tsx';

/** What a text of JSON holds, or undefined where it is none that we read exactly. */
export function parsed(text: string | undefined): JsonNode | undefined {
  const found = text === undefined ? undefined : parseJson(text, { ...resultJsonLimits, inexactNumbers: 'keep' });
  return found?.ok ? found.node : undefined;
}

/** The arguments of a call: those of `tools/call`, or all parameters of another method. */
export function argumentsOf(params: string | undefined): ReadonlyMap<string, JsonNode> | undefined {
  const node = parsed(params);
  const inner = member(node, 'arguments') ?? node;
  return inner?.kind === 'object' ? inner.members : undefined;
}

export type Origins = Readonly<Record<string, string>>;

/** One row an argument, in the order in which they are sent, each value exactly as it would be sent. */
export function Arguments({
  params,
  origins,
  before,
}: {
  params: string | undefined;
  origins: Origins;
  before?: string;
}) {
  const now = argumentsOf(params);
  const then = argumentsOf(before);
  if (params === undefined) return <p class="quiet">The arguments are not kept any more.</p>;
  if (now === undefined)
    return (
      <pre class="value">
        <Foreign text={params} />
      </pre>
    );
  if (now.size === 0) return <p class="quiet">No arguments.</p>;
  return (
    <dl class="arguments">
      {[...now].map(([name, node]) => (
        <Argument
          key={name}
          name={name}
          node={node}
          origin={origins[name]}
          change={then === undefined ? undefined : changeOf(then.get(name), node)}
          was={then?.get(name)}
        />
      ))}
      {then !== undefined &&
        [...then]
          .filter(([name]) => !now.has(name))
          .map(([name, node]) => <Argument key={name} name={name} node={node} origin={undefined} change="gone" />)}
    </dl>
  );
}

type Change = 'same' | 'new' | 'changed' | 'gone';

function changeOf(before: JsonNode | undefined, now: JsonNode): Change {
  if (before === undefined) return 'new';
  return laidOut(before) === laidOut(now) ? 'same' : 'changed';
}

interface ArgumentProps {
  readonly name: string;
  readonly node: JsonNode;
  readonly origin: string | undefined;
  readonly change: Change | undefined;
  /** What stood there before; shown where that is something else. */
  readonly was?: JsonNode | undefined;
}

function Argument({ name, node, origin, change, was }: ArgumentProps) {
  return (
    <div class={`argument${change === undefined ? '' : ` is-${change}`}`}>
      <dt>
        <Foreign text={name} max={120} />
        {change !== undefined && change !== 'same' && <span class="tag">{change}</span>}
      </dt>
      <dd class={origin === undefined ? '' : `from from-${origin}`}>
        <Value node={node} />
        {origin !== undefined && <OriginMark origin={origin} />}
        {change === 'changed' && was !== undefined && (
          <div class="was">
            <span class="quiet small">last approved</span> <Value node={was} />
          </div>
        )}
      </dd>
    </div>
  );
}

/** Where a value came from, in words; the colour only repeats it. */
const originWords: ReadonlyMap<string, string> = new Map(
  Object.entries({
    prompt: 'the principal said this',
    plan: 'stated when the task was opened',
    approved: 'a person approved this value',
    trusted: 'from a source somebody vouches for',
    field: 'a whole field of an untrusted result',
    text: 'found inside untrusted text',
    unknown: 'nobody knows where this comes from',
  }),
);

function OriginMark({ origin }: { origin: string }) {
  return (
    <span class={`origin origin-${origin}`} title={`origin: ${origin}`}>
      {originWords.get(origin) ?? origin}
    </span>
  );
}

const linesShown = 12;

/** A value as its own type: text as text, a number with the very digits that are sent, the rest as JSON. */
function Value({ node }: { node: JsonNode }) {
  const [open, setOpen] = useState(false);
  const text = node.kind === 'string' ? node.value : laidOut(node);
  const lines = text.split('\n');
  const isLong = lines.length > linesShown || text.length > 1_200;
  const shown = open || !isLong ? text : lines.slice(0, linesShown).join('\n').slice(0, 1_200);
  return (
    <>
      <pre class={`value value-${node.kind}`}>
        <Foreign text={shown} />
      </pre>
      {isLong && (
        <button type="button" class="link" onClick={() => setOpen(!open)}>
          {open
            ? 'less'
            : `all ${lines.length > 1 ? `${lines.length} lines, ` : ''}${text.length.toLocaleString('en-GB')} characters`}
        </button>
      )}
      {node.kind === 'string' && text === '' && <span class="quiet">an empty text</span>}
      {mixesScripts(text) && <span class="warning-line">letters of more than one alphabet stand in one word</span>}
    </>
  );
}

/** What an upstream answered: the texts of an MCP result as texts, anything else as it is. */
export function Result({ text }: { text: string | undefined }) {
  const node = parsed(text);
  if (text === undefined) return <p class="quiet">The answer is not kept any more.</p>;
  const content = member(node, 'content');
  const texts = content?.kind === 'array' ? content.items.map(item => member(item, 'text')) : [];
  if (texts.length > 0 && texts.every(item => item?.kind === 'string'))
    return <>{texts.map((item, index) => item !== undefined && <Value key={index} node={item} />)}</>;
  return node === undefined ? (
    <pre class="value">
      <Foreign text={text} />
    </pre>
  ) : (
    <Value node={node} />
  );
}
