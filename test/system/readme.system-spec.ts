import { removeEmbeddedServer } from '@denuncia-abierta/embedded-postgres';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { endAll, Running } from '../support/process.js';
import { removeFolder } from '../support/remove-folder.js';

const PASSWORD = 'una frase de la demostración';
const KEY = 'clave-del-ejemplo-para-probar-bloques';

let dataDir: string;
let url: string;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'denuncia-readme-'));
  const running = Running.start('main', {
    DATA_DIR: join(dataDir, 'data'),
    DEMO_PASSWORD: PASSWORD,
    DEMO_CHANNEL_KEY: KEY,
  });
  ({ url } = await running.listens());
});
afterAll(async () => {
  await endAll();
  await removeEmbeddedServer(join(dataDir, 'data'));
  removeFolder(dataDir);
});

/**
 * The blocks of a page for the shell, but those with which the service is installed; with what the service
 * printed filled in.
 */
function blocksOf(page: string): string {
  const blocks = [...readFileSync(resolve(page), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(
    ([, block]) => block!,
  );
  return blocks
    .filter((block) => !block.startsWith('npm '))
    .join('\n')
    .replace(/^API=.*$/m, `API=${url}/api/v1`)
    .replace(/^PASSWORD=.*$/m, `PASSWORD='${PASSWORD}'`)
    .replace(/^KEY=.*$/m, `KEY='${KEY}-cnv-web'`);
}

// Both on one service: whoever reads both pages runs every block a second time.
it.each(['README.md', 'LEEME.md'])('the blocks of %s do in one shell what they say', (page) => {
  const { stdout, stderr } = spawnSync('sh', ['-e'], {
    input: blocksOf(page),
    encoding: 'utf8',
    timeout: 120_000,
  });
  expect(stderr).toBe('');
  expect(stdout).not.toContain('urn:denuncia-abierta:problem');
  for (const said of [
    '"expediente":"OIC/COH/',
    '"publicText":',
    '"integrity":"ok"',
    'period,value,',
    'APPROVAL_AGREED',
  ])
    expect(stdout).toContain(said);
  // The report of the web, the one with a key and the one by phone.
  expect(stdout.match(/"accessCode":"/g)).toHaveLength(4);
  expect(stdout).not.toContain('undefined');
});
