import { Controller, createParamDecorator, Delete, Head, Inject, Patch, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { MemoryLocker, Server } from '@tus/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { ApiIdParam } from '../../foundations/catalogs/admin/support.js';
import type { ReporterActor } from '../../platform/actor.js';
import type { Config } from '../../platform/config.js';
import { DomainError } from '../../platform/errors.js';
import { ForReporter } from '../../platform/http/access.js';
import { INVALID, refusal, Refuses, UNAUTHENTICATED } from '../../platform/http/api-docs.js';
import { reporterOf } from '../../platform/http/current.js';
import { prefixReader, type PrefixReader } from '../../platform/http/forwarded-prefix.js';
import { PathUuid } from '../../platform/http/path-uuid.js';
import { routeConfig } from '../../platform/http/route-owner.js';
import { PREFIX } from '../../platform/http/setup.js';
import { cutWhenSilent } from '../../platform/http/silence.js';
import { CONFIG } from '../../platform/platform.module.js';
import { caseErrors } from '../../work/cases/errors.js';
import { evidenceErrors } from '../../work/evidence/errors.js';
import { LIMITS } from '../../work/evidence/limits.js';
import { Uploads } from '../../work/evidence/uploads/uploads.js';
import { tusErrors, tusProblem } from './tus-problems.js';
import { TusStore } from './tus-store.js';

const PATH = `/${PREFIX}/uploads`;
const VERSION = '1.0.0';
const OFFSET = 'application/offset+octet-stream';

/** What every request of the protocol carries (tus 1.0). */
const TusHeader = (): MethodDecorator =>
  ApiHeader({
    name: 'Tus-Resumable',
    required: true,
    example: '1.0.0',
    description: 'Versión del protocolo.',
  });
const HEADERS = refusal(tusErrors.header(), 'Un encabezado falta o no es válido.');
const OTHER_VERSION = refusal(tusErrors.version(), 'Falta `Tus-Resumable: 1.0.0`.');
const NOT_FOUND = refusal(evidenceErrors.uploadNotFound(), 'No hay esa carga, o venció.');

/** A request of the protocol and its answer, which the library writes. */
interface Exchange {
  actor: ReporterActor;
  request: FastifyRequest;
  reply: FastifyReply;
}

/** @throws DomainError UNAUTHENTICATED for anybody but a reporter */
const TheExchange = createParamDecorator((_: unknown, context): Exchange => {
  const http = context.switchToHttp();
  return {
    actor: reporterOf(context),
    request: http.getRequest<FastifyRequest>(),
    reply: http.getResponse<FastifyReply>(),
  };
});

/** Uploads that survive a broken line, by the protocol tus 1.0 (tus.io). */
@ApiTags('Seguimiento')
@Controller('uploads')
export class UploadsController {
  /** Two requests for one upload: the later one waits until the earlier one has stored what it got. */
  private readonly locker = new MemoryLocker();
  private readonly prefixOf: PrefixReader;

  constructor(
    private readonly uploads: Uploads,
    @Inject(CONFIG) config: Config,
  ) {
    this.prefixOf = prefixReader(config);
  }

  @Post()
  @ForReporter()
  @routeConfig({ takesFile: true })
  @TusHeader()
  @ApiHeader({ name: 'Upload-Length', required: true, example: '1482113', description: 'Bytes del archivo.' })
  @ApiHeader({
    name: 'Upload-Metadata',
    required: false,
    example: 'filename cmVjaWJvLmpwZw==,caption RWwgcmVjaWJvLg==',
    description: '`filename` y `caption`, en base64.',
  })
  @ApiOperation({
    operationId: 'beginUpload',
    summary: 'Empezar una carga que se puede reanudar',
    description:
      'Protocolo tus 1.0 (tus.io), para una línea que se corta. `Location` trae la dirección de la carga; manda ahí las partes con PATCH. Si la línea se corta, pregunta con HEAD cuánto llegó y sigue desde ahí, hasta por 7 días. La última parte la convierte en prueba.',
  })
  @ApiCreatedResponse({
    description: 'Empezó; `Location` dice dónde sigue. Sin cuerpo.',
    schema: { type: 'string', maxLength: 0 },
  })
  @Refuses(
    UNAUTHENTICATED,
    INVALID,
    HEADERS,
    OTHER_VERSION,
    refusal(evidenceErrors.empty(), 'El archivo está vacío.'),
    refusal(caseErrors.reportClosed(null), 'La denuncia ya está cerrada.'),
    refusal(evidenceErrors.tooManyUploads(), 'Hay otras cargas sin terminar.'),
    refusal(evidenceErrors.tooLarge(), 'El archivo es demasiado grande.'),
    refusal(evidenceErrors.caseFull({ files: 0, bytes: LIMITS.caseBytes }), 'El caso ya no admite más.'),
    refusal(evidenceErrors.noRoom(), 'No hay espacio para archivos.'),
  )
  begin(@TheExchange() exchange: Exchange): Promise<string> {
    return this.answer(exchange);
  }

  @Head(':id')
  @ForReporter()
  @ApiIdParam('Identificador de la carga, de su dirección.')
  @TusHeader()
  @ApiOperation({ operationId: 'askUpload', summary: 'Cuánto llegó de una carga' })
  @ApiOkResponse({ description: '`Upload-Offset` dice cuántos bytes están guardados.' })
  @Refuses(UNAUTHENTICATED, INVALID, NOT_FOUND, OTHER_VERSION)
  ask(@TheExchange() exchange: Exchange, @PathUuid() id: string): Promise<string> {
    return this.answer(exchange, id);
  }

  @Patch(':id')
  @ForReporter()
  @routeConfig({ takesFile: true })
  @ApiIdParam('Identificador de la carga, de su dirección.')
  @TusHeader()
  @ApiHeader({ name: 'Upload-Offset', required: true, example: '0', description: 'Desde qué byte sigue.' })
  @ApiConsumes(OFFSET)
  @ApiBody({ schema: { type: 'string', format: 'binary' }, examples: { part: { value: 'Lo que sigue.' } } })
  @ApiOperation({
    operationId: 'resumeUpload',
    summary: 'Mandar lo que sigue de una carga',
    description: 'Lo que llegó queda guardado aunque la línea se corte a la mitad.',
  })
  @ApiNoContentResponse({ description: '`Upload-Offset` dice cuántos bytes están guardados.' })
  @Refuses(
    UNAUTHENTICATED,
    INVALID,
    NOT_FOUND,
    HEADERS,
    OTHER_VERSION,
    refusal(tusErrors.type(), 'Otro tipo de contenido.'),
    refusal(caseErrors.reportClosed(null), 'La denuncia ya está cerrada.'),
    refusal(evidenceErrors.wrongOffset(), 'No sigue donde la carga se quedó.'),
    refusal(evidenceErrors.uploadBusy(), 'Otra solicitud manda la misma carga.'),
    refusal(evidenceErrors.executable(), 'Es un programa.'),
    refusal(evidenceErrors.longerThanTold(), 'Trae más bytes de los anunciados.'),
    refusal(evidenceErrors.tooManyParts(), 'Tiene demasiadas partes pequeñas.'),
    refusal(evidenceErrors.noRoom(), 'No hay espacio para archivos.'),
  )
  resume(@TheExchange() exchange: Exchange, @PathUuid() id: string): Promise<string> {
    return this.answer(exchange, id);
  }

  @Delete(':id')
  @ForReporter()
  @ApiIdParam('Identificador de la carga, de su dirección.')
  @TusHeader()
  @ApiOperation({ operationId: 'endUpload', summary: 'Dejar una carga que ya no quieres terminar' })
  @ApiNoContentResponse()
  @Refuses(
    UNAUTHENTICATED,
    INVALID,
    NOT_FOUND,
    OTHER_VERSION,
    refusal(evidenceErrors.uploadComplete(), 'Ya llegó completa.'),
  )
  end(@TheExchange() exchange: Exchange, @PathUuid() id: string): Promise<string> {
    return this.answer(exchange, id);
  }

  /** Lets the library of the protocol answer, and turns its refusals into ours. */
  private async answer({ actor, request, reply }: Exchange, id?: string): Promise<string> {
    // The library would call another version an invalid header.
    if (request.headers['tus-resumable'] !== VERSION) {
      void reply.header('Tus-Version', VERSION);
      throw tusProblem(412, undefined);
    }
    const type = request.headers['content-type'];
    if (type !== undefined && type !== OFFSET && request.method === 'POST') throw tusProblem(415, undefined);
    let fault: unknown;
    const server = new Server({
      path: PATH,
      datastore: new TusStore(this.uploads, actor),
      locker: this.locker,
      maxSize: LIMITS.fileBytes,
      generateUrl: (_request, { id }) => `${this.prefixOf(request)}${PATH}/${id}`,
      getFileIdFromRequest: () => id,
      onUploadFinish: async (_request, { id }) => {
        await this.uploads.finish(actor, id);
        return {};
      },
      onResponseError: (_request, error) => {
        fault = error;
        return undefined;
      },
    });
    const answer = await server.handleWeb(webRequest(request, id));
    if (answer.status >= 400) throw fault instanceof DomainError ? fault : tusProblem(answer.status, fault);
    void reply.status(answer.status);
    answer.headers.forEach((value, name) => {
      // The origins that may ask are ours to say.
      if (!name.startsWith('access-control-')) void reply.header(name, value);
    });
    return '';
  }
}

/**
 * The library reads requests of the Fetch standard. The body is read from the connection as it comes. The
 * address is the one that our route understood: the library would read another id out of the original.
 */
function webRequest({ raw, method }: FastifyRequest, id?: string): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw.headers))
    // Our routes know the method. The library would believe this header.
    if (typeof value === 'string' && name !== 'x-http-method-override') headers.set(name, value);
  // Who sends nothing for a minute is gone. What came is stored.
  cutWhenSilent(raw);
  const body = method === 'POST' || method === 'PATCH' ? (Readable.toWeb(raw) as ReadableStream) : undefined;
  const url = `http://uploads${PATH}${id ? `/${id}` : ''}`;
  return new Request(url, { method, headers, body, duplex: 'half' } as RequestInit);
}
