import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/actor.js';
import { CurrentActor, Requires } from '../../platform/http/access.js';
import { ApiProblems, FORBIDDEN, INVALID, UNAUTHENTICATED, type ProblemCase } from '../../platform/http/api-docs.js';
import { accountNotFound } from '../errors.js';
import { signedIn } from '../staff.js';
import {
  Account,
  AccountPage,
  AccountQuery,
  ChangeAccountRequest,
  CreateAccountRequest,
  CreatedAccount,
  OneTimePassword,
} from './accounts.dto.js';
import { AccountsReader } from './accounts.reader.js';
import { AccountsService } from './accounts.service.js';

const NOT_FOUND: ProblemCase = [404, 'ACCOUNT_NOT_FOUND', 'No hay una cuenta con ese identificador en tu institución.'];
const ID = new ParseUUIDPipe({ exceptionFactory: accountNotFound });

const ROLES_INCOMPATIBLE: ProblemCase = [422, 'ROLES_INCOMPATIBLE', 'Esos roles no pueden estar en una misma cuenta.'];

@ApiTags('Administración')
@Controller('admin/accounts')
@Requires('admin.accounts')
@ApiProblems(UNAUTHENTICATED, FORBIDDEN)
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
  @ApiProblems(INVALID)
  list(@CurrentActor() actor: Actor, @Query() query: AccountQuery): Promise<AccountPage> {
    return this.reader.list(signedIn(actor), query);
  }

  @Post()
  @ApiOperation({
    operationId: 'createAccount',
    summary: 'Crear una cuenta',
    description:
      'La respuesta trae una contraseña de un solo uso que no se vuelve a mostrar: entrégala a la persona por un medio seguro.',
  })
  @ApiCreatedResponse({ description: 'Cuenta creada.', type: CreatedAccount })
  @ApiProblems(INVALID, ROLES_INCOMPATIBLE, [409, 'EMAIL_TAKEN', 'Ya hay una cuenta con ese correo.'])
  create(@CurrentActor() actor: Actor, @Body() body: CreateAccountRequest): Promise<CreatedAccount> {
    return this.accounts.create(signedIn(actor), { ...body, areas: body.areas ?? [] });
  }

  @Patch(':id')
  @ApiOperation({
    operationId: 'changeAccount',
    summary: 'Cambiar una cuenta',
    description:
      'Lo que no se manda queda como está. Cambiar roles o áreas, o desactivar la cuenta, termina sus sesiones en ese momento.',
  })
  @ApiParam({ name: 'id', description: 'Identificador de la cuenta.', format: 'uuid' })
  @ApiOkResponse({ description: 'La cuenta como quedó.', type: Account })
  @ApiProblems(INVALID, NOT_FOUND, ROLES_INCOMPATIBLE, [
    409,
    'OWN_ACCOUNT',
    'Nadie puede desactivar su propia cuenta ni cambiar sus roles o áreas.',
  ])
  change(
    @CurrentActor() actor: Actor,
    @Param('id', ID) id: string,
    @Body() body: ChangeAccountRequest,
  ): Promise<Account> {
    const areas = body.areas === null ? [] : body.areas;
    return this.accounts.change(signedIn(actor), id.toLowerCase(), { ...body, areas });
  }

  @Post(':id/one-time-password')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'setOneTimePassword',
    summary: 'Dar una contraseña de un solo uso',
    description:
      'Sustituye la contraseña de la cuenta, termina sus sesiones y quita el bloqueo por intentos fallidos. Vale 72 horas y la persona debe cambiarla al entrar.',
  })
  @ApiParam({ name: 'id', description: 'Identificador de la cuenta.', format: 'uuid' })
  @ApiOkResponse({ description: 'La contraseña, que no se vuelve a mostrar.', type: OneTimePassword })
  @ApiProblems(NOT_FOUND, [409, 'OWN_ACCOUNT', 'La propia contraseña se cambia con POST /auth/password.'])
  async setOneTimePassword(@CurrentActor() actor: Actor, @Param('id', ID) id: string): Promise<OneTimePassword> {
    return { oneTimePassword: await this.accounts.setOneTimePassword(signedIn(actor), id.toLowerCase()) };
  }
}
