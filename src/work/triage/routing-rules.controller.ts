import { Body, Controller, Get, Patch, Post } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiTags,
} from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsOptional, Max, Min, ValidateIf } from 'class-validator';
import { ApiIdParam } from '../../foundations/catalogs/admin/support.js';
import { CHANNELS } from '../../foundations/catalogs/channels.js';
import { catalogErrors } from '../../foundations/catalogs/errors.js';
import { CHANNEL_LABELS, municipalityLabel, PRIORITY_LABELS } from '../../foundations/catalogs/labels.js';
import { PRIORITIES, type Priority } from '../../foundations/catalogs/priorities.js';
import { ruleWord } from '../../foundations/catalogs/rule-words.js';
import type { StaffActor } from '../../platform/actor.js';
import type { Text } from '../../platform/errors.js';
import { Requires } from '../../platform/http/access.js';
import {
  Refuses,
  FORBIDDEN,
  INVALID,
  UNAUTHENTICATED,
  type ProblemCase,
  refusal,
} from '../../platform/http/api-docs.js';
import { CurrentStaff } from '../../platform/http/current.js';
import { ApiCode, ApiText } from '../../platform/http/labels.js';
import { PathUuid } from '../../platform/http/path-uuid.js';
import { IsCode, IsDay, IsEach, IsName } from '../../platform/http/typed-fields.js';
import { typedCode } from '../../platform/typed-text.js';
import { routingErrors } from './errors.js';
import { RoutingService, RULES_MAX } from './routing.service.js';

const TOO_MANY: ProblemCase = refusal(
  routingErrors.tooManyRules(RULES_MAX),
  'La institución ya tiene el máximo de reglas sin terminar (200).',
);
const CODE = /^[A-Za-z0-9_-]{1,40}$/;

/**
 * Check a rule word. A wrong word is refused like any other field of the wrong form. In a list every word
 * must be right.
 */
function IsRuleWord(): PropertyDecorator {
  const isWord = (value: unknown): boolean =>
    typeof value === 'string' && /^[\p{L}\p{N} ]+$/u.test(value) && 'word' in ruleWord(value);
  return IsEach(typedCode, 'isRuleWord', isWord);
}

export class RuleRequest {
  @ApiProperty({ example: 10, description: 'Orden: gana la primera regla que se cumple.' })
  @IsInt()
  @Min(0)
  @Max(100_000)
  position!: number;

  @ApiProperty({ example: 'Gestores falsos' })
  @IsName(3, 120)
  label!: string;

  @ApiPropertyOptional({ example: 'FRAUD', description: 'Condición: categoría.' })
  @IsOptional()
  @IsCode(CODE)
  category?: string;

  @ApiPropertyOptional({ example: '15002', description: 'Condición: municipio (clave INEGI).' })
  @IsOptional()
  @IsCode(/^\d{5}$/)
  municipality?: string;

  @ApiPropertyOptional({ enum: CHANNELS, description: 'Condición: canal.' })
  @IsOptional()
  @IsIn(CHANNELS)
  channel?: string;

  @ApiPropertyOptional({
    type: [String],
    example: ['gestor', 'mordida'],
    description:
      'Condición: alguna de estas palabras; basta su principio, sin acentos. Al menos tres letras.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @IsRuleWord()
  words?: string[];

  @ApiProperty({ example: 'OIC', description: 'Área que se propone.' })
  @IsCode(CODE)
  area!: string;

  @ApiPropertyOptional({
    example: 'FRAUD',
    description: 'Categoría que se propone cuando no se dijo ninguna.',
  })
  @IsOptional()
  @IsCode(CODE)
  thenCategory?: string;

  @ApiPropertyOptional({ enum: PRIORITIES, example: 'high' })
  @IsOptional()
  @IsIn(PRIORITIES)
  thenPriority?: Priority;

  @ApiPropertyOptional({ example: '2026-12-01', description: 'Desde cuándo rige; hoy si se omite.' })
  @IsOptional()
  @IsDay()
  validFrom?: string;
}

export class RuleChange {
  @ApiPropertyOptional({ example: 20 })
  @ValidateIf((_, value) => value !== undefined)
  @IsInt()
  @Min(0)
  @Max(100_000)
  position?: number;

  @ApiPropertyOptional({ example: 'Gestores falsos y coyotes' })
  @ValidateIf((_, value) => value !== undefined)
  @IsName(3, 120)
  label?: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '2026-12-31',
    description: 'Último día en que rige; null la deja vigente.',
  })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsDay()
  validTo?: string | null;
}

export class RuleResponse {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ example: 10 }) position!: number;
  @ApiProperty({ example: 'Gestores falsos' }) label!: string;
  @ApiProperty({ type: String, nullable: true, example: 'FRAUD' }) category!: string | null;
  @ApiText({ nullable: true, example: 'Fraude o engaño' }) categoryLabel!: Text | null;
  @ApiCode(municipalityLabel, { nullable: true, example: '15002' }) municipality!: string | null;
  @ApiCode(CHANNEL_LABELS, { nullable: true }) channel!: string | null;
  @ApiProperty({ type: [String] }) words!: string[];
  @ApiProperty({ example: 'OIC' }) area!: string;
  @ApiText({ example: 'Órgano Interno de Control' }) areaLabel!: Text;
  @ApiProperty({ type: String, nullable: true, example: 'FRAUD' }) thenCategory!: string | null;
  @ApiText({ nullable: true, example: 'Fraude o engaño' }) thenCategoryLabel!: Text | null;
  @ApiCode(PRIORITY_LABELS, { nullable: true, example: 'high' }) thenPriority!: string | null;
  @ApiProperty({ example: '2026-11-20' }) validFrom!: string;
  @ApiProperty({ type: String, format: 'date', nullable: true }) validTo!: string | null;
}

@ApiTags('Administración')
@Controller('admin/routing-rules')
@Requires('admin.catalogs')
@Refuses(INVALID, UNAUTHENTICATED, FORBIDDEN)
export class RoutingRulesController {
  constructor(private readonly routing: RoutingService) {}

  @Get()
  @ApiOperation({ operationId: 'listRoutingRules', summary: 'Reglas de turno, en su orden' })
  @ApiOkResponse({ type: [RuleResponse] })
  list(@CurrentStaff() staff: StaffActor): Promise<RuleResponse[]> {
    return this.routing.list(staff);
  }

  @Post()
  @ApiOperation({ operationId: 'createRoutingRule', summary: 'Agregar una regla' })
  @ApiCreatedResponse({ type: RuleResponse })
  @Refuses(
    refusal(catalogErrors.areaNotInForce(), 'El área no está vigente.'),
    refusal(catalogErrors.categoryNotInForce(), 'La categoría no está vigente.'),
    TOO_MANY,
  )
  create(@CurrentStaff() staff: StaffActor, @Body() body: RuleRequest): Promise<RuleResponse> {
    return this.routing.create(staff, body);
  }

  @Patch(':id')
  @ApiIdParam('Identificador de la regla.')
  @ApiOperation({ operationId: 'changeRoutingRule', summary: 'Cambiar el orden o terminar una regla' })
  @ApiOkResponse({ type: RuleResponse })
  @Refuses(refusal(routingErrors.ruleNotFound(), 'No hay una regla con ese identificador.'), TOO_MANY)
  change(
    @CurrentStaff() staff: StaffActor,
    @PathUuid() id: string,
    @Body() body: RuleChange,
  ): Promise<RuleResponse> {
    return this.routing.change(staff, id, body);
  }
}
