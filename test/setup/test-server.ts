import { joinEmbeddedServer, removeEmbeddedServer } from '@denuncia-abierta/embedded-postgres';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFolder } from '../support/remove-folder.js';
import { prepareTemplate } from './template.js';

/**
 * The PostgreSQL of one test run, in a fresh folder. Writes its superuser URL as the first line and ends when
 * its input closes; so nothing stays behind however the run ends, Ctrl-C and `kill -9` included.
 */
const folder = mkdtempSync(join(tmpdir(), 'denuncia-test-'));
// As root PostgreSQL runs as another user, who must pass through.
if (process.getuid?.() === 0) chmodSync(folder, 0o711);
const dataDir = join(folder, 'data');

try {
  const server = await joinEmbeddedServer({
    dataDir,
    purpose: 'command',
    // A crash of the machine may cost a test run; synchronous_commit stays on, because code depends on its
    // order.
    settings: { fsync: 'off', full_page_writes: 'off', max_connections: '300' },
  });
  try {
    await prepareTemplate(server.superuserUrl('postgres'));
    console.log(server.superuserUrl('postgres'));
    for await (const _ of process.stdin);
  } finally {
    await server.leave();
  }
} finally {
  await removeEmbeddedServer(dataDir);
  removeFolder(folder);
}
