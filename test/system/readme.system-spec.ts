import { removeEmbeddedServer } from '@denuncia-abierta/embedded-postgres';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
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
it.each(['README.md', 'LEEME.md'])('the blocks of %s do in one shell what they say', async (page) => {
  const cwd = mkdtempSync(join(dataDir, 'reader-'));
  const photo = sharp({ create: { width: 64, height: 48, channels: 3, background: '#a40' } });
  await photo
    .withExif({ IFD0: { Artist: 'canary of the page' } })
    .jpeg()
    .toFile(join(cwd, 'foto.jpg'));
  writeFileSync(join(cwd, 'video.mp4'), randomBytes(100_000));
  const { stdout, stderr } = spawnSync('sh', ['-e'], {
    input: blocksOf(page),
    cwd,
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
    '"stored":"ok"',
    'EVIDENCE_OPENED',
    '"externalReference":"LLAMADA-00017"',
  ])
    expect(stdout).toContain(said);
  // What a voice menu says, and the new code.
  expect(stdout).toMatch(/Su denuncia está así: recibida\.|The state of your report is: received\./);
  expect(stdout).toMatch(/Su clave nueva es: |Your new access code is: /);
  // The receipt and the new code of the call, as they are read aloud.
  expect(stdout).toMatch(/C de Carlos, N de Norma|C as in Charlie, N as in November/);
  // The report of the web, the one with a key and the one by phone.
  expect(stdout.match(/"accessCode":"/g)).toHaveLength(4);
  expect(stdout).not.toContain('undefined');
  const copy = readFileSync(join(cwd, 'prueba-1.jpg'));
  // With the mark below it, and white beside it so that the mark can be read.
  expect(await sharp(copy).metadata()).toMatchObject({ format: 'jpeg', width: 400 });
  expect(readFileSync(join(cwd, 'original.jpg')).equals(readFileSync(join(cwd, 'foto.jpg')))).toBe(true);
  expect(copy.toString('latin1')).not.toContain('canary');
});
