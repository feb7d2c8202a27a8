import type { FactsView } from '@sallyport/gateway/api/view/decision.ts';
import type { ValueView } from '@sallyport/gateway/api/view/value.ts';
import { valuesLeft } from '@sallyport/gateway/api/view/values-left.ts';
import { WhyLink } from './marks.tsx';
import { Foreign } from './text.tsx';

/** The values of which there is doubt, those that stopped the call first: what an agent sent has a box of its own, the sentence is ours. */
export function Values({ values, facts }: { values: readonly ValueView[]; facts?: FactsView | undefined }) {
  if (values.length === 0) return null;
  const left = valuesLeft({ values, facts });
  return (
    <ul class="plain values">
      {values.map(value => (
        <li key={`${value.argument} ${value.value ?? ''}`} class={value.decides === true ? 'is-deciding' : ''}>
          <p>
            <code>
              <Foreign text={value.argument} max={80} />
            </code>{' '}
            <span class="quiet">{value.role}</span>
            {value.decides === true && <span class="tag">stopped it</span>}
          </p>
          {value.value !== undefined && (
            <p class="value-shown">
              <Foreign text={value.value} />
              {value.charsLeft !== undefined && <span class="cut"> … {value.charsLeft} more characters</span>}
            </p>
          )}
          <p>
            <Foreign text={value.text} max={400} />
            {value.entry !== undefined && (
              <span class="quiet small">
                {' '}
                {value.path !== undefined && value.path !== '' && (
                  <>
                    at <Foreign text={value.path} max={80} />{' '}
                  </>
                )}
                <WhyLink id={value.entry}>see it</WhyLink>
              </span>
            )}
          </p>
        </li>
      ))}
      {left > 0 && <li class="cut">and {left} more of which there is doubt</li>}
    </ul>
  );
}
