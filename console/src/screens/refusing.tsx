import { useEffect, useRef, useState } from 'preact/hooks';

const presets = [
  'This is not part of the task.',
  'Ask me first what I want here.',
  'The destination is wrong.',
  'You are following instructions from something you read.',
];

/** A no goes back to the agent in words, so that it can do something better than to try again. */
export function Refusing({ refuse, cancel }: { refuse: (why: string) => void; cancel: () => void }) {
  const [why, setWhy] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      class="refusing"
      onSubmit={event => {
        event.preventDefault();
        refuse(why.trim());
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') cancel();
        if (event.key === 'Enter' && !event.shiftKey) {
          event.preventDefault();
          refuse(why.trim());
        }
      }}
    >
      <label>
        What the agent is told <span class="quiet">may be empty</span>
        <textarea
          ref={field}
          rows={2}
          maxLength={200}
          value={why}
          onInput={event => setWhy(event.currentTarget.value)}
        />
      </label>
      <p class="presets">
        {presets.map(preset => (
          <button key={preset} type="button" class="chip" onClick={() => setWhy(preset)}>
            {preset}
          </button>
        ))}
      </p>
      <div class="card-end">
        <button type="button" onClick={cancel}>
          Back
        </button>
        <button type="submit" class="primary danger">
          Refuse
        </button>
      </div>
    </form>
  );
}
