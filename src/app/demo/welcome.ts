import { CHANNELS } from '../../foundations/catalogs/channels.js';
import { DEMO_ACCOUNTS, DEMO_INSTITUTIONS } from './institutions.js';
import type { DemoAccess } from './seed.js';

/**
 * The text that the one-command start prints: the addresses, the demo accounts, and a first report by curl.
 */
export function welcome(url: string, access: DemoAccess): string {
  const keys = DEMO_INSTITUTIONS.flatMap(({ prefix }) =>
    CHANNELS.map((channel) => `${access.channelKey}-${prefix.toLowerCase()}-${channel}`),
  );
  return [
    '',
    `Denuncia Abierta  ${url}`,
    `  Swagger UI      ${url}/docs`,
    `  OpenAPI         ${url}/openapi.json`,
    '',
    `Demo accounts     ${DEMO_ACCOUNTS.map(({ user }) => `${user}@`).join(' ')}`,
    `                  + ${DEMO_INSTITUTIONS.map(({ domain }) => domain).join(' or ')}`,
    `Demo password     ${access.password}`,
    `Channel keys      ${keys.join('\n                  ')}`,
    '',
    'First report:',
    `  curl -s ${url}/api/v1/reports -H 'Content-Type: application/json' -d '{"institution":"CONAVI-DEMO","mode":"anonymous","narrative":"En la ventanilla me pidieron dinero para inscribirme."}'`,
    '',
  ].join('\n');
}
