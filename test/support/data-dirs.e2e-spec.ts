import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { signalAll } from './data-dirs.js';

describe('a signal to the processes of a server', () => {
  it('passes over those that have ended since they were listed, and reaches the others', async () => {
    const [ended, running] = [spawn('true'), spawn('sleep', ['60'])];
    await once(ended, 'close');
    const end = once(running, 'close');
    signalAll([ended.pid!, running.pid!], 'SIGTERM');
    expect(await end).toEqual([null, 'SIGTERM']);
  });
});
