import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { lay } from '../boot.js';
import { CatalogsReader } from '../catalogs/catalogs.reader.js';
import { ApprovalsReader, type Waiting } from '../identity/approvals/approvals.reader.js';
import { Approvals } from '../identity/approvals/approvals.service.js';
import { system, type SystemActor } from '../platform/actor.js';
import { Database } from '../platform/database/database.js';
import { DomainError, StartError } from '../platform/errors.js';
import { run } from '../platform/run.js';
import { readArguments } from './arguments.js';

const USAGE = 'npm run approvals [-- --agree ID | --refuse ID --reason TEXT]';

/**
 * Shows the requests that wait for a second person. One that nobody active may answer, because the auditor left, is answered here;
 * the trail says that the operator of the machine did it.
 */
await run(async () => {
  const given = readArguments(
    { agree: { type: 'string' }, refuse: { type: 'string' }, reason: { type: 'string' } },
    USAGE,
  );
  if (given.agree !== undefined && given.refuse !== undefined) throw new StartError(`Usage: ${USAGE}`);
  if (given.refuse !== undefined && !given.reason) throw new StartError(`--refuse needs --reason. Usage: ${USAGE}`);
  const foundation = await lay(process.env, 'command', (line) => console.error(line));
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
