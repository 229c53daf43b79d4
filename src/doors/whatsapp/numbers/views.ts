import { ApiProperty } from '@nestjs/swagger';
import type { Text } from '../../../platform/errors.js';
import { ApiCode, ApiText } from '../../../platform/http/labels.js';
import { PURPOSE_LABELS } from './labels.js';
import { STATE_LABELS, type NumberState } from './number-states.js';
import type { Purpose } from './whatsapp-number.js';

const STATE = {
  example: 'connected',
  description: 'Cómo está la conexión con Meta, según la última comprobación o el último mensaje.',
};
const STATE_ON = {
  type: String,
  format: 'date',
  nullable: true,
  example: '2026-11-20',
  description: 'Desde qué día; nunca la hora, que diría cuándo se le escribió a alguien.',
};

/** That a credential is set, and since when. */
export class WhatsAppCredential {
  @ApiProperty({ format: 'date', example: '2026-11-20', description: 'Día en que se puso.' })
  setOn!: string;
}

export class WhatsAppCredentials {
  @ApiProperty({ type: WhatsAppCredential }) accessToken!: WhatsAppCredential;
  @ApiProperty({ type: WhatsAppCredential }) appSecret!: WhatsAppCredential;
  @ApiProperty({
    type: WhatsAppCredential,
    nullable: true,
    description: 'La clave secreta anterior, mientras todavía vale; `null` cuando no hay.',
  })
  previousAppSecret!: WhatsAppCredential | null;
  @ApiProperty({ type: WhatsAppCredential }) verifyToken!: WhatsAppCredential;
}

const FREE = {
  type: 'integer',
  nullable: true,
  example: 1000,
  description: 'Mensajes entregados al mes que Meta no cobra; `null`: no se avisa.',
} as const;
const DELIVERED = {
  type: 'integer',
  example: 450,
  description:
    'Mensajes entregados en el mes, hasta ayer y en pasos de 50. Se redondea cada día en otro punto, para que nadie pueda saber por la cifra si alguien escribió. La cuenta exacta la tiene Meta.',
} as const;

/** The number that environment variables name. */
export class EnvironmentWhatsAppNumber {
  @ApiProperty({ example: '106540352242922' }) phoneNumberId!: string;
  @ApiCode(STATE_LABELS, STATE) state!: NumberState;
  @ApiProperty(STATE_ON) stateOn!: string | null;
  @ApiProperty(FREE) freeMessages!: number | null;
  @ApiProperty(DELIVERED) deliveredAbout!: number;
}

export class AdminWhatsAppNumber {
  @ApiProperty({ format: 'uuid', example: '0b9c2f5e-6f0e-4f3c-9d39-3a4d0f2b8c11' }) id!: string;
  @ApiProperty({ example: 'Denuncias' }) label!: string;
  @ApiCode(PURPOSE_LABELS, { example: 'reports' }) purpose!: Purpose;
  @ApiProperty({ example: '106540352242922', description: 'Identificador del número en Meta.' })
  phoneNumberId!: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: '+525550000001',
    description: 'El teléfono, para personas.',
  })
  displayPhone!: string | null;
  @ApiProperty({ type: Boolean, example: true }) active!: boolean;
  @ApiCode(STATE_LABELS, STATE) state!: NumberState;
  @ApiProperty(STATE_ON) stateOn!: string | null;
  @ApiProperty({
    type: WhatsAppCredentials,
    description: 'Las credenciales mismas no se pueden volver a ver.',
  })
  credentials!: WhatsAppCredentials;
  @ApiProperty(FREE) freeMessages!: number | null;
  @ApiProperty(DELIVERED) deliveredAbout!: number;
  @ApiProperty({ type: 'integer', example: 1, description: 'Cuántas veces cambió; para `If-Match`.' })
  version!: number;
}

export class AdminWhatsAppNumbers {
  @ApiProperty({ type: [AdminWhatsAppNumber], description: 'Por su nombre.' }) items!: AdminWhatsAppNumber[];
  @ApiProperty({
    type: EnvironmentWhatsAppNumber,
    nullable: true,
    description:
      'El número que quien opera el servicio puso en `WHATSAPP_*`, si es de tu institución. Se cambia allí.',
  })
  environment!: EnvironmentWhatsAppNumber | null;
}

export class WhatsAppNumberCheck {
  @ApiCode(STATE_LABELS, { example: 'connected' }) state!: NumberState;
  @ApiText({ description: 'Qué hacer ahora.', example: 'No hay nada que hacer.' }) advice!: Text;
  @ApiProperty({
    type: String,
    nullable: true,
    example: '+52 55 5000 0001',
    description: 'El teléfono, según Meta.',
  })
  displayPhone!: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'Comisión de Vivienda',
    description: 'El nombre que ve la gente, según Meta.',
  })
  verifiedName!: string | null;
}
