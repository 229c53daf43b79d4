import { Body, Controller, Get, HttpCode, Patch, Post, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ApiIdParam, PathId } from '../../../foundations/catalogs/admin/support.js';
import type { StaffActor } from '../../../platform/actor.js';
import { Requires } from '../../../platform/http/access.js';
import {
  FORBIDDEN,
  INVALID,
  Refuses,
  UNAUTHENTICATED,
  refusal,
  type ProblemCase,
} from '../../../platform/http/api-docs.js';
import { CurrentStaff } from '../../../platform/http/current.js';
import { versionOf } from '../../../work/cases/parameters.js';
import { numberErrors } from './errors.js';
import { NUMBERS_MAX, NumbersService } from './numbers.service.js';
import { AddWhatsAppNumber, ChangeWhatsAppNumber } from './requests.js';
import { AdminWhatsAppNumber, AdminWhatsAppNumbers, WhatsAppNumberCheck } from './views.js';

const NOT_FOUND: ProblemCase = refusal(
  numberErrors.notFound(),
  'No hay un número con ese identificador en tu institución.',
);

const UNREADABLE: ProblemCase = refusal(
  numberErrors.unreadable(),
  'Las credenciales guardadas ya no se pueden abrir.',
);

@ApiTags('Administración')
@Controller('admin/whatsapp-numbers')
@Requires('admin.channels')
@Refuses(UNAUTHENTICATED, FORBIDDEN)
export class NumbersController {
  constructor(private readonly numbers: NumbersService) {}

  @Get()
  @ApiOperation({
    operationId: 'listWhatsAppNumbers',
    summary: 'Números de WhatsApp de tu institución',
    description: 'También los apagados. De las credenciales sólo se ve desde qué día están puestas.',
  })
  @ApiOkResponse({ type: AdminWhatsAppNumbers })
  list(@CurrentStaff() staff: StaffActor): Promise<AdminWhatsAppNumbers> {
    return this.numbers.list(staff);
  }

  @Post()
  @ApiOperation({
    operationId: 'createWhatsAppNumber',
    summary: 'Agregar un número de WhatsApp',
    description:
      'Vale en unos segundos, sin reiniciar nada. En Meta, el webhook es el mismo para todos los números: `/api/v1/channels/whatsapp/webhook`, con el `verifyToken` de cualquiera de ellos.',
  })
  @ApiCreatedResponse({ type: AdminWhatsAppNumber })
  @Refuses(
    INVALID,
    refusal(numberErrors.exists(), 'Ese identificador de Meta ya está en uso en la instalación.'),
    refusal(numberErrors.tooMany(NUMBERS_MAX), 'La institución ya tiene el máximo de números activos (10).'),
  )
  add(@CurrentStaff() staff: StaffActor, @Body() input: AddWhatsAppNumber): Promise<AdminWhatsAppNumber> {
    return this.numbers.add(staff, input);
  }

  @Patch(':id')
  @ApiIdParam('Identificador del número.')
  @ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'La `version` leída, entre comillas: así nadie deshace lo que otra persona cambió.',
    example: '"1"',
  })
  @ApiOperation({
    operationId: 'changeWhatsAppNumber',
    summary: 'Cambiar, apagar o encender un número de WhatsApp',
    description:
      'Un campo ausente queda como está. `freeMessages` dice cuántos mensajes al mes no cobra Meta. Cambiar `appSecret` deja valer también la anterior, para que nada se pierda mientras se cambia en Meta; si la anterior se filtró, quítala en la misma petición con `previousAppSecret: null`.',
  })
  @ApiOkResponse({ type: AdminWhatsAppNumber })
  @Refuses(
    INVALID,
    NOT_FOUND,
    refusal(numberErrors.stale(4), 'El número cambió desde que se leyó.'),
    UNREADABLE,
  )
  change(
    @CurrentStaff() staff: StaffActor,
    @PathId() id: string,
    @Body() input: ChangeWhatsAppNumber,
    @Req() request: FastifyRequest,
  ): Promise<AdminWhatsAppNumber> {
    return this.numbers.change(staff, id, input, versionOf(request));
  }

  @Post(':id/check')
  @HttpCode(200)
  @ApiIdParam('Identificador del número.')
  @ApiOperation({
    operationId: 'checkWhatsAppNumber',
    summary: 'Comprobar la conexión de un número',
    description:
      'Pregunta a Meta por el número, con su token. No le escribe a nadie. No comprueba la clave secreta ni el webhook: eso se ve cuando llega un mensaje.',
  })
  @ApiOkResponse({ type: WhatsAppNumberCheck })
  @Refuses(NOT_FOUND, UNREADABLE)
  check(@CurrentStaff() staff: StaffActor, @PathId() id: string): Promise<WhatsAppNumberCheck> {
    return this.numbers.check(staff, id);
  }
}
