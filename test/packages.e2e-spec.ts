import { describe, expect, it } from '@jest/globals';
import { Running } from './support/process.js';

describe('npm ci', () => {
  // The overrides in package.json hold content-disposition, cookie and file-type at their last versions for
  // Node 20. `--dry-run` looks at every package as the real one does: does it run on this Node, may its
  // install script run?
  it('warns of nothing', async () => {
    const npm = Running.program('npm', ['ci', '--dry-run', '--offline', '--no-update-notifier']);
    expect(await npm.exit()).toBe(0);
    expect(npm.stderr).toBe('');
  }, 180_000);
});
