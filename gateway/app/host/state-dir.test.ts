import assert from 'node:assert/strict';
import { test } from 'node:test';
import { homeDir } from './home-dir.ts';
import { defaultStateDir } from './state-dir.ts';

test('without a home folder the state directory has to be named, and nothing else is made up', () => {
  const { HOME } = process.env;
  try {
    for (const none of ['', 'somewhere/relative']) {
      process.env.HOME = none;
      assert.equal(homeDir(), undefined);
      assert.throws(() => defaultStateDir({}), {
        name: 'StateDirError',
        message: /^this user has no home folder .* --state DIR, or set HOME$/,
      });
      assert.equal(defaultStateDir({ XDG_STATE_HOME: '/var/lib' }), '/var/lib/sallyport');
    }
    process.env.HOME = '/home/emma';
    assert.equal(defaultStateDir({}), '/home/emma/.local/state/sallyport');
  } finally {
    if (HOME === undefined) delete process.env.HOME;
    else process.env.HOME = HOME;
  }
});
