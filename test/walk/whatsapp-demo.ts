import { removeEmbeddedServer } from '@denuncia-abierta/embedded-postgres';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArguments } from '../../src/app/commands/arguments.js';
import { UsageError } from '../../src/platform/errors.js';
import { run } from '../../src/platform/run.js';
import { removeFolder } from '../support/remove-folder.js';
import { PROJECT } from '../support/whatsapp/project.js';
import { WhatsAppStandin } from '../support/whatsapp/standin.js';
import { USUAL } from '../support/whatsapp/statuses.js';
import { ACCELERATED } from '../support/whatsapp/webhook-sender.js';
import { DemoService } from './demo-service.js';

const COMMAND = {
  usage: 'npm run whatsapp:demo [-- --port 4100]',
  does: 'Starts a server that it throws away, and a page to chat with it as over WhatsApp. Nothing is sent to Meta.',
  example: 'npm run whatsapp:demo -- --port 4100',
  variables: 'No .env is read.',
};
const OPTIONS = {
  port: {
    type: 'string',
    default: '4100',
    value: '<port>',
    text: 'of the page; another one when it is taken',
  },
} as const;

const VERIFY_TOKEN = 'demo-verify-token';
const say = (line: string): void => console.log(line);

/**
 * `npm run whatsapp:demo`: the service with demo data, a stand-in in place of Meta, and a page that plays the
 * phones of people. The data lie in a folder of their own that is removed at the end: a clock that was pushed
 * forward must not meet the next start.
 */
await run(async () => {
  const port = Number(readArguments(COMMAND, OPTIONS).port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError('The port is a number up to 65535', COMMAND.usage);
  const folder = mkdtempSync(join(tmpdir(), 'denuncia-whatsapp-'));
  // As root the database runs as another user, who must pass through.
  if (process.getuid?.() === 0) chmodSync(folder, 0o711);
  const dataDir = join(folder, 'data');

  const standin: WhatsAppStandin = await WhatsAppStandin.start({
    port,
    name: 'Denuncias (demostración)',
    statuses: USUAL,
    persistence: ACCELERATED,
    // The service goes to the same day: what it forgets after hours, and what falls due, can be seen.
    onClock: () => service.restart(new Date(standin.clock.now())),
    complain: (line) => console.error(line),
  });
  const service = new DemoService(PROJECT, {
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    WHATSAPP_APP_SECRET: standin.appSecret,
    WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
    WHATSAPP_ACCESS_TOKEN: standin.accessToken,
    WHATSAPP_PHONE_NUMBER_ID: standin.number.phoneNumberId,
    WHATSAPP_GRAPH_URL: standin.url,
  });

  let ended: Promise<never> | undefined;
  const end = (code: number): Promise<never> =>
    (ended ??= (async () => {
      await service.stop();
      await standin.stop();
      await removeEmbeddedServer(dataDir).catch(() => false);
      removeFolder(folder);
      process.exit(code);
    })());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0));

  try {
    const url = await service.start(say);
    const fault = await standin.subscribe(
      standin.number,
      `${url}/api/v1/channels/whatsapp/webhook`,
      VERIFY_TOKEN,
    );
    if (fault !== undefined) throw new Error(`The webhook was not verified: ${fault}`);
    service.onEnd = (why) => {
      console.error(why);
      void end(1);
    };
    say(
      `\nChat as over WhatsApp: ${standin.url}/\nNothing is sent to Meta. Each tab is a phone of its own. Ctrl-C ends everything.`,
    );
  } catch (error) {
    if (ended === undefined) console.error(error instanceof Error ? error.message : error);
    await end(1);
  }
});
