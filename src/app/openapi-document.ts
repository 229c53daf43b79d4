import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Clock, localDay, LOG_ZONE } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { FORM_ROUTE } from '../platform/http/forms.js';
import { prefixReader } from '../platform/http/forwarded-prefix.js';
import { PublicMemory } from '../platform/public-memory.js';
import { shared } from '../platform/shared-look.js';
import { serveDocument } from './documentation/document.js';
import type { ExampleValues } from './documentation/live.js';
import { servePage } from './documentation/page.js';
import { tidy } from './documentation/tidy.js';
import { VERSION } from './version.js';

const DESCRIPTION =
  'Recibe denuncias por web, WhatsApp y teléfono, las turna, mide sus plazos y deja una bitácora en la que se nota si alguien la cambió.\n\n' +
  '**Para probarla:** pulsa **Authorize** y entra en `staffSignIn` con una cuenta de demostración, como `titular@conavi.demo` (`npm start` imprime su contraseña); la sesión dura hasta que la cierres, cierres la pestaña o pasen 12 horas; después de recargar la página, a lo más 15 minutos. ' +
  'Para seguir una denuncia usa folio y clave en «Seguimiento» y pega el token en `tracking`. En la demostración los ejemplos se pueden enviar como están, con una cuenta que pueda hacerlo; contraseñas y tokens están en lugar de los tuyos.\n\n' +
  'Los errores son `application/problem+json` (RFC 9457) con un `code` estable. Los plazos marcados «propuesta» no son ley.';

/** In the order of the document. */
const TAGS: readonly [name: string, description: string][] = [
  ['Denunciar', 'Presentar una denuncia por cualquier canal.'],
  ['Seguimiento', 'Con folio y clave, también si es anónima.'],
  ['Teléfono', 'Llamadas que toma una operadora: guion, borrador, acuse para leer, seguimiento.'],
  ['Menú de voz', 'Lo mismo para un sistema de llamadas: con teclas y con la voz, listo para leerse.'],
  ['Sesión', 'Cuentas del personal.'],
  ['Casos', 'La lista, el detalle y los movimientos de un caso.'],
  ['Pruebas', 'Los archivos de un caso: lo que llegó, su copia segura y su custodia.'],
  ['Avisos', 'Casos que me turnaron, mensajes de quien denuncia, plazos por vencer y vencidos.'],
  ['Bitácora', 'Lo que hizo la institución fuera de los casos; los de cada caso, en «Casos».'],
  ['Estadísticas', 'Cifras exactas para el personal; publicadas con ruido para todos.'],
  ['Catálogos públicos', 'Instituciones, áreas, categorías, municipios.'],
  ['Administración', 'Catálogos, calendarios, cuentas, canales.'],
  ['Acuerdos de dos personas', 'Lo que sobre cuentas que ven casos no puede hacer una persona sola.'],
  ['WhatsApp', 'Webhook de Meta.'],
];

/**
 * The OpenAPI 3.1 document of the API, as it is committed. `/openapi.json` shows it with today's examples.
 */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const document = withCredentials(
    new DocumentBuilder()
      .setOpenAPIVersion('3.1.0')
      .setTitle('Denuncia Abierta')
      .setVersion(VERSION)
      .setDescription(DESCRIPTION)
      .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
      .addServer('/'),
  );
  for (const [name, description] of TAGS) document.addTag(name, description);
  return tidy(SwaggerModule.createDocument(app, document.build()));
}

/** Add the ways in which a client shows who it is. */
function withCredentials(document: DocumentBuilder): DocumentBuilder {
  return document
    .addOAuth2(
      {
        type: 'oauth2',
        description:
          'Correo y contraseña de la cuenta (en username y password); client_id y client_secret se dejan vacíos.',
        flows: { password: { tokenUrl: FORM_ROUTE, refreshUrl: FORM_ROUTE, scopes: {} } },
      },
      'staffSignIn',
    )
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'opaco',
        description: 'accessToken de POST /auth/sessions; dura 15 minutos',
      },
      'staff',
    )
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'opaco',
        description: 'token de POST /tracking/sessions; dura 30 minutos',
      },
      'tracking',
    )
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'Clave de un canal' },
      'channelKey',
    );
}

/** Finds the values of this installation that the examples of the document need. The demo provides it. */
export type ExampleSource = (app: NestFastifyApplication) => Promise<ExampleValues>;

/**
 * Serve Swagger UI at `/docs` and the document at `/openapi.json` and `/openapi.yaml`, all without the
 * prefix.
 * @param options.examples finds values that exist here
 */
export function serveDocs(
  app: NestFastifyApplication,
  config: Pick<Config, 'trustProxy'>,
  options: { examples?: ExampleSource } = {},
): void {
  const prefixOf = prefixReader(config);
  const clock = app.get(Clock);
  const server = app.getHttpAdapter().getInstance();
  serveDocument(server, app.get(PublicMemory), () => describeApi(app), {
    now: (request) => ({ today: localDay(clock.now(), LOG_ZONE), prefix: prefixOf(request) }),
    values: shared(async () => (await options.examples?.(app)) ?? {}),
  });
  servePage(server);
}
