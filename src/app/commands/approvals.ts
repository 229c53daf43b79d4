import { NestFactory } from '@nestjs/core';
import { CatalogsReader } from '../../foundations/catalogs/catalogs.reader.js';
import { ApprovalsReader, type Waiting } from '../../foundations/identity/approvals/approvals.reader.js';
import { Approvals } from '../../foundations/identity/approvals/approvals.service.js';
import { system, type SystemActor } from '../../platform/actor.js';
import { Database } from '../../platform/database/database.js';
import { DomainError, StartError, UsageError } from '../../platform/errors.js';
import { run } from '../../platform/run.js';
import { AppModule } from '../app.module.js';
import { openFoundation } from '../boot.js';
import { readArguments } from './arguments.js';

const COMMAND = {
  usage: 'npm run approvals [-- --agree ID | --refuse ID --reason TEXT]',
  does: 'Shows the requests that wait for a second person; answers one that nobody else may answer.',
  example: 'npm run approvals -- --agree 0b6f2c1e-8a57-4c5e-9d0e-3f6a1c2b4d5e',
};
const OPTIONS = {
  agree: { type: 'string', value: 'ID', text: 'agrees to a request' },
  refuse: { type: 'string', value: 'ID', text: 'refuses a request' },
  reason: { type: 'string', value: 'TEXT', text: 'why it is refused' },
} as const;

/**
 * Show the approvals that wait for a second person. When no active person may answer an approval, because the
 * auditor left, answer it here. The trail then says that the operator of the machine did it.
 */
await run(async () => {
  const given = readArguments(COMMAND, OPTIONS);
  if (given.agree !== undefined && given.refuse !== undefined)
    throw new UsageError('--agree and --refuse exclude each other', COMMAND.usage);
  if (given.refuse !== undefined && !given.reason)
    throw new UsageError('--refuse needs --reason', COMMAND.usage);
  const foundation = await openFoundation(process.env, 'command', (line) => console.error(line));
  const app = await NestFactory.createApplicationContext(AppModule.of(foundation.parts), {
    logger: foundation.parts.log,
    abortOnError: false,
  });
  try {
    const waiting: { actor: SystemActor; code: string; one: Waiting }[] = [];
    for (const { id, code } of await app.get(CatalogsReader).institutions()) {
      const actor = system('operator', id);
      const found = await app.get(Database).tx(actor, (tx) => app.get(ApprovalsReader).waiting(tx));
      waiting.push(...found.map((one) => ({ actor, code, one })));
    }
    const asked = given.agree ?? given.refuse;
    if (asked === undefined) {
      for (const { code, one } of waiting) console.log(describe(code, one));
      if (waiting.length === 0) console.log('No request waits for a second person.');
      return;
    }
    const chosen = waiting.find(({ one }) => one.id === asked.toLowerCase());
    if (!chosen) throw new StartError(`No request ${asked} waits.`);
    const { actor, code, one } = chosen;
    const approvals = app.get(Approvals);
    if (given.agree === undefined) {
      await approvals.refuse(actor, one.id, given.reason!);
      console.log(`${code}: refused ${one.id}`);
      return;
    }
    const { account, oneTimePassword } = await approvals.agree(actor, one.id);
    console.log(`${code}: agreed to ${one.id}${account ? `, account ${account.email}` : ''}`);
    if (oneTimePassword) console.log(`One-time password ${oneTimePassword}; hand it to the person yourself.`);
  } catch (error) {
    throw error instanceof DomainError
      ? new StartError(typeof error.detail === 'object' ? error.detail.en : error.code)
      : error;
  } finally {
    await app.close();
    await foundation.close();
  }
});

function describe(code: string, { id, kind, request, account, requestedBy, mayAnswer }: Waiting): string {
  const { email = account, roles, areas } = request;
  const who = mayAnswer > 0 ? `${mayAnswer} may answer` : 'nobody active may answer';
  const what = [kind, email, roles?.join('+'), areas?.join('+')].filter(Boolean).join(' ');
  return `${code}: ${id} ${what}, asked by ${requestedBy}; ${who}`;
}
