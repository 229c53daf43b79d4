import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  MaxLength,
  ValidateIf,
} from 'class-validator';
import { ApiCode } from '../../../platform/http/labels.js';
import { PageQuery } from '../../../platform/http/paging.js';
import { IsCode, IsEmailAddress, IsName } from '../../../platform/http/typed-fields.js';
import { IsPlainText } from '../../../platform/http/validation.js';
import { ROLE_LABELS } from '../labels.js';
import { ROLES, type Role } from '../permissions.js';
import { AccountArea } from '../sessions/auth.dto.js';

const AREA_CODE = /^[A-Z][A-Z0-9_]{1,39}$/;
const MAX_AREAS = 50;
const REASON = {
  description: 'Por qué; lo lee quien debe estar de acuerdo.',
  example: 'Entra a investigar en Obra desde el lunes.',
};

/** Checks a member of a PATCH only when the client sent it. Unlike `@IsOptional`, it also checks null. */
function IfSent(): PropertyDecorator {
  return ValidateIf((_, value: unknown) => value !== undefined);
}

export class AccountQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Solo cuentas con este rol.', enum: ROLES, example: 'investigator' })
  @IsOptional()
  @IsIn(ROLES)
  role?: Role;

  @ApiPropertyOptional({
    description: 'Solo cuentas activas, o solo desactivadas.',
    type: Boolean,
    example: true,
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  active?: boolean;
}

export class CreateAccountRequest {
  @ApiProperty({
    description: 'Correo con el que la persona entrará; único en la institución.',
    example: 'lucia.mendez@conavi.demo',
    maxLength: 254,
  })
  @IsString()
  @MaxLength(254)
  @IsEmailAddress({ ascii: true })
  email!: string;

  @ApiProperty({ description: 'Nombre de la persona.', example: 'Lucía Méndez', maxLength: 120 })
  @IsName(1, 120)
  name!: string;

  @ApiProperty({ description: 'Uno o más roles.', enum: ROLES, isArray: true, example: ['investigator'] })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(ROLES, { each: true })
  roles!: Role[];

  @ApiPropertyOptional({
    description:
      'Claves de las áreas de la cuenta. Investigadores y titulares ven los casos de las suyas y necesitan al menos una.',
    type: [String],
    default: [],
    example: ['OBRA'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_AREAS)
  @ArrayUnique()
  @IsCode(AREA_CODE, { each: true })
  areas?: string[] | null;

  @ApiPropertyOptional({ ...REASON })
  @IsOptional()
  @IsPlainText(3, 500)
  reason?: string;
}

export class ChangeAccountRequest {
  @ApiPropertyOptional({ description: 'Nombre de la persona.', example: 'Lucía Méndez Ríos', maxLength: 120 })
  @IfSent()
  @IsName(1, 120)
  name?: string;

  @ApiPropertyOptional({
    description: 'Los roles que tendrá; sustituyen a los actuales y terminan sus sesiones.',
    enum: ROLES,
    isArray: true,
  })
  @IfSent()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(ROLES, { each: true })
  roles?: Role[];

  @ApiPropertyOptional({
    description:
      'Las áreas que tendrá; sustituyen a las actuales y terminan sus sesiones. `null` o lista vacía: ninguna, salvo para investigadores y titulares, que necesitan al menos una.',
    type: [String],
    nullable: true,
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_AREAS)
  @ArrayUnique()
  @IsCode(AREA_CODE, { each: true })
  areas?: string[] | null;

  @ApiPropertyOptional({
    description: '`false` desactiva la cuenta y termina sus sesiones en ese momento; `true` la reactiva.',
    type: Boolean,
  })
  @IfSent()
  @IsBoolean()
  active?: boolean;

  @ApiPropertyOptional({ ...REASON })
  @IsOptional()
  @IsPlainText(3, 500)
  reason?: string;
}

/** Each example stands alone. Together they would promote an account and close it. */
export const CHANGE_EXAMPLES = {
  name: { summary: 'Corregir el nombre', value: { name: 'Lucía Méndez Ríos' } },
  roles: {
    summary: 'Dar roles y áreas que ven casos: queda pendiente del acuerdo de otra persona',
    value: {
      roles: ['investigator'],
      areas: ['OBRA', 'JURIDICO'],
      reason: 'Entra a investigar en Obra desde el lunes.',
    },
  },
  deactivation: { summary: 'Desactivar la cuenta', value: { active: false } },
};

export class OneTimePasswordRequest {
  @ApiPropertyOptional({ ...REASON })
  @IsOptional()
  @IsPlainText(3, 500)
  reason?: string;
}

export class Account {
  @ApiProperty({
    description: 'Identificador de la cuenta.',
    format: 'uuid',
    example: '0b8f6c1e-53a4-4f0e-9c57-2f1b6a1d9e34',
  })
  id!: string;

  @ApiProperty({ description: 'Correo con el que se entra.', example: 'lucia.mendez@conavi.demo' })
  email!: string;

  @ApiProperty({ description: 'Nombre de la persona.', example: 'Lucía Méndez' })
  name!: string;

  @ApiCode(ROLE_LABELS, {
    description: 'Roles de la cuenta.',
    isArray: true,
    as: 'roleLabels',
    example: 'investigator',
  })
  roles!: Role[];

  @ApiProperty({ description: 'Áreas de la cuenta.', type: () => [AccountArea] })
  areas!: AccountArea[];

  @ApiProperty({ description: 'Si la cuenta puede entrar.', type: Boolean, example: true })
  active!: boolean;

  @ApiProperty({
    description: 'Si la contraseña es de un solo uso y falta cambiarla.',
    type: Boolean,
    example: true,
  })
  mustChangePassword!: boolean;

  @ApiProperty({
    description:
      'Hasta cuándo entrar es más lento porque hubo muchas contraseñas equivocadas; `null`: no lo es. La contraseña correcta funciona siempre.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  signInSlowedUntil!: string | null;

  @ApiProperty({ description: 'Cuándo se creó.', format: 'date-time', example: '2026-11-20T10:00:00-06:00' })
  createdAt!: string;
}

export class CreatedAccount extends Account {
  @ApiProperty({
    description:
      'Contraseña de un solo uso. Aparece solo aquí; vale 72 horas y la persona debe cambiarla al entrar.',
    example: '7k3m-q9tx-4hbn-w2pd',
  })
  oneTimePassword!: string;
}

export class AccountPage {
  @ApiProperty({ description: 'Cuentas por orden de correo.', type: () => [Account] })
  items!: Account[];

  @ApiProperty({
    description: 'Marca de la página siguiente; `null` en la última.',
    type: String,
    nullable: true,
    example: null,
  })
  nextCursor!: string | null;
}

export class OneTimePassword {
  @ApiProperty({
    description:
      'Contraseña de un solo uso. Aparece solo aquí; vale 72 horas y la persona debe cambiarla al entrar.',
    example: '7k3m-q9tx-4hbn-w2pd',
  })
  oneTimePassword!: string;
}
