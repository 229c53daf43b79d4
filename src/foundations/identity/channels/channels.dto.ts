import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { ApiCode } from '../../../platform/http/labels.js';
import { IsName } from '../../../platform/http/typed-fields.js';
import { CHANNELS, type Channel } from '../../catalogs/channels.js';
import { CHANNEL_LABELS } from '../../catalogs/labels.js';

export class CreateChannelKeyRequest {
  @ApiProperty({
    description: 'Canal de los reportes que entren con la clave.',
    enum: CHANNELS,
    example: 'web',
  })
  @IsIn(CHANNELS)
  channel!: Channel;

  @ApiProperty({ description: 'Qué sistema la usa.', example: 'Formulario del portal', maxLength: 80 })
  @IsName(1, 80)
  label!: string;
}

export class CreatedChannelKey {
  @ApiProperty({
    description: 'Identificador de la clave.',
    format: 'uuid',
    example: '6f4b1c92-8e0d-4f7a-9f43-1f6c1b2a7d55',
  })
  id!: string;

  @ApiProperty({
    description:
      'La clave, para el encabezado `X-Api-Key`. Aparece solo aquí; se guarda únicamente su huella.',
    example: 'dak_2VtQy0nYkq8Jp4sZ1cXbR7mHfLwE9uGaDiTrKxWvS3o',
  })
  key!: string;
}

export class ChannelKey {
  @ApiProperty({
    description: 'Identificador de la clave.',
    format: 'uuid',
    example: '6f4b1c92-8e0d-4f7a-9f43-1f6c1b2a7d55',
  })
  id!: string;

  @ApiCode(CHANNEL_LABELS, { description: 'Canal de los reportes que entran con la clave.' })
  channel!: Channel;

  @ApiProperty({ description: 'Qué sistema la usa.', example: 'Formulario del portal' })
  label!: string;

  @ApiProperty({ description: 'Si la clave vale.', type: Boolean, example: true })
  active!: boolean;

  @ApiProperty({ description: 'Cuándo se creó.', format: 'date-time', example: '2026-11-20T10:00:00-06:00' })
  createdAt!: string;

  @ApiProperty({
    description: 'Cuándo se revocó; `null` mientras vale.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  revokedAt!: string | null;
}

export class ChannelKeyPage {
  @ApiProperty({ description: 'Claves, la más reciente primero.', type: () => [ChannelKey] })
  items!: ChannelKey[];

  @ApiProperty({
    description: 'Marca de la página siguiente; `null` en la última.',
    type: String,
    nullable: true,
    example: null,
  })
  nextCursor!: string | null;
}
