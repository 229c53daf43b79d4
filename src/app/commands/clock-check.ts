import { confirmClock, judge, knownTimes, type ClockFault } from '../../foundations/audit/clock-watch.js';
import { run } from '../../platform/run.js';
import { openFoundation } from '../boot.js';
import { readArguments } from './arguments.js';

const COMMAND = {
  usage: 'npm run clock:check [-- --confirm]',
  does: 'Shows the clock of the service beside what the database knows of time.',
  example: 'npm run clock:check -- --confirm',
};
const OPTIONS = {
  confirm: {
    type: 'boolean',
    default: false,
    text: 'says that the clock is right: sweeps and releases go on',
  },
} as const;

const FOUND: Readonly<Record<ClockFault | 'right', string>> = {
  right: 'The clock agrees with what is stored.',
  behind: 'The clock lies BEFORE what is stored. Sweeps and releases stand still.',
  jumped: 'More than a day has passed since the last heartbeat of a worker. Sweeps and releases stand still.',
};

/**
 * Show the service's clock next to the times that the database knows. With `--confirm` an operator says that
 * the clock is right.
 */
await run(async () => {
  const { confirm } = readArguments(COMMAND, OPTIONS);
  const foundation = await openFoundation(process.env, 'command', (line) => console.error(line));
  const { database, clock } = foundation.parts;
  try {
    const now = clock.now();
    const known = await knownTimes(database.appPool);
    const tell = (name: string, at: Date | null): void =>
      console.log(`${name.padEnd(24)}${at?.toISOString() ?? '-'}`);
    tell('Clock of the service', now);
    tell('Last heartbeat', known.beat);
    tell('Newest entry', known.entry);
    const fault = judge(now, known);
    console.log(FOUND[fault ?? 'right']);
    if (confirm) {
      await confirmClock(database.appPool, now);
      console.log('Confirmed. Workers go on within ten seconds.');
    } else if (fault) {
      console.log(`Check the clock of this machine. When it is right: ${COMMAND.example}`);
    }
  } finally {
    await foundation.close();
  }
});
