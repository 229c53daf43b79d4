import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** The OpenAPI 3.1 document of the API, the same for `/openapi.json`, Swagger UI and the committed file. */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Denuncia Abierta')
    .setVersion('1.0.0')
    .setDescription(
      'Recibe denuncias por web, WhatsApp y teléfono, las turna, mide sus plazos y deja una bitácora en la que se nota si alguien la cambió.\n\n' +
        '**Para probarla:** abre «Sesión», ejecuta `POST /api/v1/auth/sessions` con una cuenta de demostración (`npm start` imprime su contraseña), copia `accessToken`, ' +
        'pulsa **Authorize** y pégalo en `staff`. Para seguir una denuncia usa folio y clave en «Seguimiento» y pega el token en `tracking`. Al recargar la página hay que volver a pegarlos.\n\n' +
        'Los errores son `application/problem+json` (RFC 9457) con un `code` estable. Los plazos marcados «propuesta» no son ley.',
    )
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/')
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
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'Clave de un canal' }, 'channelKey')
    .addTag('Denunciar', 'Presentar una denuncia por cualquier canal.')
    .addTag('Seguimiento', 'Con folio y clave, también si es anónima.')
    .addTag('Sesión', 'Cuentas del personal.')
    .addTag('Casos', 'La lista, el detalle y los movimientos de un caso.')
    .addTag('Avisos', 'Casos que me turnaron, mensajes de quien denuncia, plazos por vencer y vencidos.')
    .addTag('Bitácora', 'Lo que hizo la institución fuera de los casos; los de cada caso, en «Casos».')
    .addTag('Estadísticas', 'Cifras exactas para el personal; publicadas con ruido para todos.')
    .addTag('Catálogos públicos', 'Instituciones, áreas, categorías, municipios.')
    .addTag('Administración', 'Catálogos, calendarios, cuentas, canales.')
    .addTag('Acuerdos de dos personas', 'Lo que sobre cuentas que ven casos no puede hacer una persona sola.')
    .addTag('WhatsApp', 'Webhook de Meta.')
    .build();
  return withDescribedAnswers(withoutPrefilledOptions(SwaggerModule.createDocument(app, config)));
}

interface Parameter {
  in: string;
  required?: boolean;
  description?: string;
  example?: unknown;
  schema?: { example?: unknown };
}

/**
 * Swagger UI fills every parameter in with its example. A filter, a bookmark, a version or an Idempotency-Key that somebody
 * sends without having chosen it gives empty lists and refusals: of what may be left out the description tells the example.
 */
function withoutPrefilledOptions(document: OpenAPIObject): OpenAPIObject {
  for (const item of Object.values(document.paths)) {
    for (const operation of Object.values(item) as { parameters?: Parameter[] }[]) {
      for (const parameter of operation.parameters ?? []) {
        const example = parameter.example ?? parameter.schema?.example;
        if (parameter.required || parameter.in === 'path' || example === undefined) continue;
        parameter.description = [parameter.description, `Ejemplo: \`${String(example)}\`.`].filter(Boolean).join(' ');
        delete parameter.example;
        delete parameter.schema?.example;
      }
    }
  }
  return document;
}

const ANSWERS: Readonly<Record<string, string>> = { 200: 'Lo pedido.', 201: 'Hecho; así quedó.', 204: 'Hecho.' };

/** OpenAPI requires a description of every answer; the summary of a route tells what it does, this only that it did. */
function withDescribedAnswers(document: OpenAPIObject): OpenAPIObject {
  for (const item of Object.values(document.paths)) {
    for (const { responses = {} } of Object.values(item) as { responses?: Record<string, { description: string }> }[]) {
      for (const [status, answer] of Object.entries(responses)) answer.description ||= ANSWERS[status] ?? '';
    }
  }
  return document;
}

/** Swagger UI at `/docs`, the document at `/openapi.json`; both without the prefix. */
export function serveDocs(app: NestFastifyApplication, { ui }: { ui: boolean }): void {
  SwaggerModule.setup('docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    useGlobalPrefix: false,
    ui,
    customSiteTitle: 'Denuncia Abierta: API',
    // No token stays on a shared machine, and no address of this service goes to a validator outside.
    swaggerOptions: { persistAuthorization: false, validatorUrl: null, docExpansion: 'list', tagsSorter: 'none' },
  });
}
