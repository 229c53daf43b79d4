import {
  Body,
  Controller,
  Get,
  HttpCode,
  Param,
  ParseUUIDPipe,
  Patch,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Requires } from '../../../platform/http/access.js';
import {
  Refuses,
  FORBIDDEN,
  INVALID,
  UNAUTHENTICATED,
  type ProblemCase,
  refusal,
} from '../../../platform/http/api-docs.js';
import { ApprovalAsked } from '../approvals/approvals.dto.js';
import { MAX_OPEN } from '../approvals/approvals.service.js';
import { accountNotFound, approvalErrors, rolesIncompatible, emailTaken, ownAccount } from '../errors.js';
import { CurrentSession, type SessionActor } from '../staff.js';
import {
  Account,
  AccountPage,
  AccountQuery,
  CHANGE_EXAMPLES,
  ChangeAccountRequest,
  CreateAccountRequest,
  CreatedAccount,
  OneTimePassword,
  OneTimePasswordRequest,
} from './accounts.dto.js';
import { AccountsReader } from './accounts.reader.js';
import { AccountsService, type Outcome } from './accounts.service.js';

const NOT_FOUND: ProblemCase = refusal(
  accountNotFound(),
  'No hay una cuenta con ese identificador en tu institución.',
);
const ID = new ParseUUIDPipe({ exceptionFactory: accountNotFound });

const ASKED = {
  type: ApprovalAsked,
  description:
    'Hace falta una segunda persona: auditoría o la titularidad de las áreas lo ve en `GET /approvals`.',
};
const TWO_PEOPLE =
  'Lo que deja ver casos a una cuenta necesita dos personas: entonces la respuesta es 202 y nada cambia hasta que auditoría o la titularidad de las áreas esté de acuerdo. Mientras la institución no tiene a nadie que pueda, se hace y se le muestra a la primera persona que pueda.';
const TOO_MANY: ProblemCase = refusal(
  approvalErrors.tooMany(MAX_OPEN),
  'Ya hay demasiadas solicitudes sin contestar.',
);
const ROLES_INCOMPATIBLE: ProblemCase = refusal(
  rolesIncompatible(),
  'Esos roles no pueden estar en una misma cuenta.',
);

@ApiTags('Administración')
@Controller('admin/accounts')
@Requires('admin.accounts')
@Refuses(UNAUTHENTICATED, FORBIDDEN)
export class AccountsController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly reader: AccountsReader,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listAccounts',
    summary: 'Listar las cuentas de la institución',
    description: 'Por orden de correo, en páginas.',
  })
  @ApiOkResponse({ description: 'Una página de cuentas.', type: AccountPage })
  @Refuses(INVALID)
  list(@CurrentSession() session: SessionActor, @Query() query: AccountQuery): Promise<AccountPage> {
    return this.reader.list(session, query);
  }

  @Post()
  @ApiOperation({
    operationId: 'createAccount',
    summary: 'Crear una cuenta',
    description: `La respuesta trae una contraseña de un solo uso que no se vuelve a mostrar: entrégala a la persona por un medio seguro. ${TWO_PEOPLE}`,
  })
  @ApiCreatedResponse({ description: 'Cuenta creada.', type: CreatedAccount })
  @ApiAcceptedResponse(ASKED)
  @Refuses(INVALID, ROLES_INCOMPATIBLE, TOO_MANY, refusal(emailTaken(), 'Ya hay una cuenta con ese correo.'))
  async create(
    @CurrentSession() session: SessionActor,
    @Body() { reason, ...body }: CreateAccountRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatedAccount | ApprovalAsked> {
    return answer(reply, await this.accounts.create(session, { ...body, areas: body.areas ?? [] }, reason));
  }

  @Patch(':id')
  @ApiOperation({
    operationId: 'changeAccount',
    summary: 'Cambiar una cuenta',
    description: `Lo que no se manda queda como está. Cambiar roles o áreas, o desactivar la cuenta, termina sus sesiones en ese momento. ${TWO_PEOPLE}`,
  })
  @ApiParam({ name: 'id', description: 'Identificador de la cuenta.', format: 'uuid' })
  @ApiBody({ type: ChangeAccountRequest, examples: CHANGE_EXAMPLES })
  @ApiOkResponse({ description: 'La cuenta como quedó.', type: Account })
  @ApiAcceptedResponse(ASKED)
  @Refuses(
    INVALID,
    NOT_FOUND,
    ROLES_INCOMPATIBLE,
    TOO_MANY,
    refusal(ownAccount(), 'Nadie puede desactivar su propia cuenta ni cambiar sus roles o áreas.'),
  )
  async change(
    @CurrentSession() session: SessionActor,
    @Param('id', ID) id: string,
    @Body() { reason, ...body }: ChangeAccountRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Account | ApprovalAsked> {
    const areas = body.areas === null ? [] : body.areas;
    return answer(reply, await this.accounts.change(session, id.toLowerCase(), { ...body, areas }, reason));
  }

  @Post(':id/one-time-password')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'setOneTimePassword',
    summary: 'Dar una contraseña de un solo uso',
    description: `Sustituye la contraseña de la cuenta, termina sus sesiones y olvida los intentos fallidos. Vale 72 horas y la persona debe cambiarla al entrar. ${TWO_PEOPLE}`,
  })
  @ApiParam({ name: 'id', description: 'Identificador de la cuenta.', format: 'uuid' })
  @ApiOkResponse({ description: 'La contraseña, que no se vuelve a mostrar.', type: OneTimePassword })
  @ApiAcceptedResponse(ASKED)
  @Refuses(
    INVALID,
    NOT_FOUND,
    TOO_MANY,
    refusal(ownAccount(), 'La propia contraseña se cambia con POST /auth/password.'),
  )
  async setOneTimePassword(
    @CurrentSession() session: SessionActor,
    @Param('id', ID) id: string,
    @Body() { reason }: OneTimePasswordRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OneTimePassword | ApprovalAsked> {
    const outcome = await this.accounts.setOneTimePassword(session, id.toLowerCase(), reason);
    return answer(reply, 'done' in outcome ? { done: { oneTimePassword: outcome.done } } : outcome);
  }
}

/** Answers what was done, or 202 with the request that waits for a second person. */
function answer<Done>(reply: FastifyReply, outcome: Outcome<Done>): Done | ApprovalAsked {
  if ('done' in outcome) return outcome.done;
  void reply.status(202);
  return { approval: outcome.approval };
}
