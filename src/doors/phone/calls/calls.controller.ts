import { Body, Controller, createParamDecorator, Get, HttpCode, Post, Put, Req } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { catalogErrors } from '../../../foundations/catalogs/errors.js';
import type { StaffActor } from '../../../platform/actor.js';
import { Requires } from '../../../platform/http/access.js';
import { FORBIDDEN, INVALID, refusal, Refuses, UNAUTHENTICATED } from '../../../platform/http/api-docs.js';
import { CurrentStaff } from '../../../platform/http/current.js';
import { OwnedBy } from '../../../platform/http/route-owner.js';
import { versionOf } from '../../../work/cases/parameters.js';
import { noRoom, unavailable } from '../../../work/intake/collector.js';
import { inProgress } from '../../../work/intake/once-per-key.js';
import { phoneErrors } from '../errors.js';
import { BeginCallRequest, EndCallRequest, PhoneDraft } from './call.request.js';
import { EXAMPLE_CALL, PhoneCall, PhoneReceipt } from './call.views.js';
import { CallsService } from './calls.service.js';

/** The number of the path, as it was typed. */
const CallNumber = createParamDecorator(
  (_: unknown, context): string =>
    (context.switchToHttp().getRequest<FastifyRequest>().params as { number: string }).number,
);
const DocumentedNumber = (): MethodDecorator =>
  ApiParam({
    name: 'number',
    description: 'Número de la llamada, con o sin guiones.',
    schema: { type: 'string', pattern: '^[0-9][0-9 .-]{10,30}$', example: EXAMPLE_CALL },
  });
const NOT_FOUND = refusal(phoneErrors.callNotFound(), 'No hay esa llamada en la institución, o terminó.');
const UNCERTAIN = refusal(
  phoneErrors.filingUncertain(409),
  'No se sabe todavía si se presentó; repite POST …/report.',
);
const TOO_MANY = refusal(phoneErrors.tooManyNumbers(300), 'Muchos números que no existen.');

const DRAFT_EXAMPLES = {
  begun: {
    summary: 'A la mitad: apenas el relato',
    value: { narrative: 'En la ventanilla tres me pidieron dinero' },
  },
  complete: {
    summary: 'Completo: se puede presentar',
    value: {
      mode: 'anonymous',
      narrative: 'En la ventanilla tres me pidieron dinero para inscribirme en el programa.',
      category: 'BRIBERY',
      municipality: '15002',
      occurred: { from: '2026-11-01', to: '2026-11-03' },
      accused: [{ position: 'Ventanilla', description: 'Alto, con lentes' }],
    },
  },
};

/** Calls of people who report by phone. They are acts of reporters: no log line keeps their time. */
@ApiTags('Teléfono')
@Controller('phone/calls')
@Refuses(UNAUTHENTICATED, FORBIDDEN, INVALID)
export class CallsController {
  constructor(private readonly calls: CallsService) {}

  @Post()
  @Requires('phone.calls')
  @OwnedBy('reporters')
  @ApiOperation({
    operationId: 'beginCall',
    summary: 'Empezar una llamada',
    description:
      'Da un número de llamada. Díselo a la persona al empezar: si la línea se corta, cualquier operadora de la institución sigue con él donde se quedó.',
  })
  @ApiCreatedResponse({ type: PhoneCall })
  begin(@CurrentStaff() actor: StaffActor, @Body() body: BeginCallRequest): Promise<PhoneCall> {
    return this.calls.begin(actor, body);
  }

  @Get(':number')
  @Requires('phone.calls')
  @OwnedBy('reporters')
  @DocumentedNumber()
  @ApiOperation({
    operationId: 'getCall',
    summary: 'Retomar una llamada',
    description: 'Lo anotado hasta ahora, con el texto para leérselo a la persona y lo que falta preguntar.',
  })
  @ApiOkResponse({ type: PhoneCall })
  @Refuses(NOT_FOUND, TOO_MANY)
  get(@CurrentStaff() actor: StaffActor, @CallNumber() number: string): Promise<PhoneCall> {
    return this.calls.get(actor, number);
  }

  @Put(':number/draft')
  @Requires('phone.calls')
  @OwnedBy('reporters')
  @DocumentedNumber()
  @ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'La `version` leída, entre comillas: así nadie borra lo que otra persona anotó.',
    example: '"3"',
  })
  @ApiBody({ type: PhoneDraft, examples: DRAFT_EXAMPLES })
  @ApiOperation({
    operationId: 'saveCallDraft',
    summary: 'Guardar lo que la persona va contando',
    description:
      'Sustituye lo que había. Ningún campo es obligatorio todavía. Se guarda cifrado, sin hora, hasta tres días después del último cambio; `readBack` es el texto para leérselo a la persona.',
  })
  @ApiOkResponse({ type: PhoneCall })
  @Refuses(
    NOT_FOUND,
    TOO_MANY,
    refusal(phoneErrors.callFiled(), 'La denuncia ya se presentó.'),
    UNCERTAIN,
    refusal(phoneErrors.draftStale(4), 'El borrador cambió desde que se leyó.'),
  )
  saveDraft(
    @CurrentStaff() actor: StaffActor,
    @CallNumber() number: string,
    @Body() body: PhoneDraft,
    @Req() request: FastifyRequest,
  ): Promise<PhoneCall> {
    return this.calls.saveDraft(actor, number, body, versionOf(request));
  }

  @Post(':number/report')
  @Requires('phone.calls')
  @OwnedBy('reporters')
  @DocumentedNumber()
  @ApiOperation({
    operationId: 'fileCall',
    summary: 'Presentar lo anotado como denuncia',
    description:
      'Como `POST /reports` con la sesión de operación; los plazos cuentan desde la llamada. Sin cuerpo: presenta el borrador guardado. Repetir da el mismo acuse, también a otra operadora que retoma la llamada, hasta que la llamada termine o pasen tres días. Da la primera clave: si la persona ya la cambió, vale la que ella tiene. Si no se sabe si se guardó (`FILING_UNCERTAIN`), repite: nunca se presenta dos veces. Del borrador no queda nada.',
  })
  @ApiCreatedResponse({ type: PhoneReceipt })
  @Refuses(
    NOT_FOUND,
    TOO_MANY,
    refusal(phoneErrors.draftEmpty(), 'No hay nada anotado.'),
    refusal(inProgress(), 'Otra solicitud la presenta en este momento.'),
    refusal(catalogErrors.categoryNotInForce(), 'La categoría no está vigente.'),
    refusal(catalogErrors.municipalityUnknown(), 'No hay un municipio con esa clave.'),
    refusal(phoneErrors.filingUncertain(503), 'No se sabe todavía si se presentó; repite.'),
    refusal(phoneErrors.notFiled(unavailable()), 'Muy ocupado; no se presentó. Repite en unos segundos.'),
    refusal(phoneErrors.notFiled(noRoom()), 'No hay espacio; no se presentó. Repite en unos minutos.'),
  )
  file(@CurrentStaff() actor: StaffActor, @CallNumber() number: string): Promise<PhoneReceipt> {
    return this.calls.file(actor, number);
  }

  @Post(':number/end')
  @HttpCode(204)
  @Requires('phone.calls')
  @OwnedBy('reporters')
  @DocumentedNumber()
  @ApiBody({ type: EndCallRequest, required: false })
  @ApiOperation({
    operationId: 'endCall',
    summary: 'Terminar la llamada',
    description:
      'Cuando la persona ya anotó folio y clave. No queda nada de la llamada y su acuse no se puede repetir. Si la línea se cortó, no la termines. Lo anotado que no se presentó sólo se borra con `discard: true`; lo que ya se presentó, o tal vez, no se borra así.',
  })
  @ApiNoContentResponse()
  @Refuses(
    NOT_FOUND,
    TOO_MANY,
    refusal(phoneErrors.draftUnfiled(), 'Lo anotado no se ha presentado.'),
    refusal(phoneErrors.callFiled(), 'Con `discard`: la denuncia ya se presentó.'),
    UNCERTAIN,
  )
  async end(
    @CurrentStaff() actor: StaffActor,
    @CallNumber() number: string,
    @Body() body?: EndCallRequest,
  ): Promise<void> {
    await this.calls.end(actor, number, body?.discard ?? false);
  }
}
