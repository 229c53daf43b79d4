import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** The OpenAPI 3.1 document of the API, the same for `/openapi.json`, Swagger UI and the committed file. */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Denuncia Abierta')
    .setVersion('1.0.0')
    .setDescription(
      'Recibe denuncias por web, WhatsApp y teléfono, las turna, mide sus plazos y deja una bitácora que no se puede cambiar.\n\n' +
        '**Para probarla:** abre «Sesión», ejecuta `POST /api/v1/auth/sessions` con una cuenta de demostración, copia `accessToken`, ' +
        'pulsa **Authorize** y pégalo en `staff`. Para seguir una denuncia usa folio y clave en «Seguimiento» y pega el token en `tracking`.\n\n' +
        'Los errores son `application/problem+json` (RFC 9457) con un `code` estable. Los plazos marcados «propuesta» no son ley.',
    )
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'accessToken de POST /auth/sessions' }, 'staff')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'token de POST /tracking/sessions' }, 'tracking')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'Clave de un canal' }, 'channelKey')
    .addTag('Denunciar', 'Presentar una denuncia por cualquier canal.')
    .addTag('Seguimiento', 'Con folio y clave, también si es anónima.')
    .addTag('Sesión', 'Cuentas del personal.')
    .addTag('Casos', 'La lista, el detalle y los movimientos de un caso.')
    .addTag('Avisos', 'Plazos por vencer y vencidos.')
    .addTag('Estadísticas', 'Cifras exactas para el personal; publicadas con ruido para todos.')
    .addTag('Catálogos públicos', 'Instituciones, áreas, categorías, municipios.')
    .addTag('Administración', 'Catálogos, calendarios, cuentas, canales.')
    .addTag('WhatsApp', 'Webhook de Meta.')
    .build();
  return SwaggerModule.createDocument(app, config);
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
